#include "runtime/secret_filler.h"

#include <gtest/gtest.h>

#include "emr/secret_places.h"

namespace runtime {
namespace {

class Filler : public ::testing::Test {
 protected:
  Filler()
      : book_({{"AIRFLOW_CONN_DB", "postgres://u:long-password@h"},
               {"AIRFLOW_VAR_A_TOKEN", "tok"},
               {"AIRFLOW_VAR_OTHER_TOKEN", "other-token"}}) {
    state_.book = &book_;
  }

  base::Result<std::string> Fill(const std::string& body) {
    return filler_.Fill(body, &emr::MayHoldSecret);
  }

  const secrets::Book book_;
  engine::State state_;
  SecretFiller filler_{[this]() -> const engine::State& { return state_; }};
};

TEST_F(Filler, FillsWhatIsSentAndMasksItInWhatComesBack) {
  EXPECT_EQ(Fill(R"({"Name": "n"})").value(), R"({"Name": "n"})");
  const std::string body =
      R"({"Name":"***secret:conn/db/password***","Steps":[{"HadoopJarStep":{"Args":)"
      R"(["-p=***secret:conn/db/password***","***secret:var/a_token***"]}}]})";
  EXPECT_EQ(filler_.Masked("long-password"), "long-password");
  EXPECT_EQ(Fill(body).value(),
            R"({"Name":"***secret:conn/db/password***","Steps":[{"HadoopJarStep":{"Args":)"
            R"(["-p=long-password","tok"]}}]})");
  EXPECT_EQ(filler_.Masked("failed: -p=long-password tok"), "failed: -p=*** tok");
  json::value reply{
      {"Id", "long-password"},
      {"Steps", json::array{json::object{{"ErrorMessage", "see long-password"}, {"Count", 1}}}}};
  json::value masked = reply;
  masked.at("Steps").at(0).as_object()["ErrorMessage"] = "see ***";
  filler_.Mask(reply);
  EXPECT_EQ(reply, masked);
}

TEST_F(Filler, WhatAnEarlierLifeMayHaveSentIsMaskedToo) {
  filler_.RememberAll(book_);
  EXPECT_EQ(filler_.Masked("long-password and other-token"), "*** and ***");
}

TEST_F(Filler, WhatIsGoneIsNotSent) {
  const auto filled =
      Fill(R"({"Steps":[{"HadoopJarStep":{"Args":["***secret:conn/none/password***"]}}]})");
  ASSERT_FALSE(filled);
  EXPECT_NE(filled.error().message.find("there is no connection 'none'"), std::string::npos);
}

}  // namespace
}  // namespace runtime
