#include "emr/secret_places.h"

#include <gtest/gtest.h>

namespace emr {
namespace {

TEST(SecretPlaces, AreWhatOnlyTheClustersProgramsRead) {
  for (const char* path : {"Steps[0].HadoopJarStep.Args[12]",
                           "Steps[3].HadoopJarStep.Properties[0].Value",
                           "BootstrapActions[0].ScriptBootstrapAction.Args[0]",
                           "Configurations[0].Properties.spark.x",
                           "Configurations[0].Configurations[1].Properties.x",
                           "Instances.InstanceFleets[0].InstanceTypeConfigs[0].Configurations[0]."
                           "Properties.x"})
    EXPECT_TRUE(MayHoldSecret(path)) << path;
  for (const char* path : {"Name",
                           "LogUri",
                           "Steps[0].Name",
                           "Steps[0].HadoopJarStep.Jar",
                           "Tags[0].Value",
                           "BootstrapActions[0].Name",
                           "BootstrapActions[0].ScriptBootstrapAction.Path",
                           "Configurations[0].Classification",
                           "Instances.Ec2SubnetIds[0]",
                           ""})
    EXPECT_FALSE(MayHoldSecret(path)) << path;
}

}  // namespace
}  // namespace emr
