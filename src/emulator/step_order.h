#pragma once

// How steps are run for real. The model stays pure: with Options::run_steps it does not pretend a
// step's time but orders its work, and its owner says what became of it (Emulator::FinishStep).
//
//   step RUNNING ──► kStart ──► (a process somewhere) ──► FinishStep ──► COMPLETED or FAILED
//        └── cancelled, failed by a fault, cluster ending ──► kStop: what it comes to is no news

#include <string>
#include <vector>

namespace emulator {

struct StepOrder {
  enum class Kind { kStart, kStop };
  Kind kind = Kind::kStart;
  std::string cluster_id;
  std::string step_id;
  // Of kStart alone, from the step's HadoopJarStep.
  std::string jar;
  std::vector<std::string> args;
  std::string log_folder;  // as in Step
};

// The file of a stream in a step's log_folder: "stderr.gz".
inline std::string LogFileName(std::string_view stream) {
  return std::string(stream) + ".gz";
}

}  // namespace emulator
