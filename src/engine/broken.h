#pragma once

// Collects what is broken, a sentence each; shared by the invariants of the engine and of the kinds
// of work.

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/ids.h"

namespace engine {

class Broken {
 public:
  // Pieces of a sentence; keys are put into words only if that is needed.
  template <typename... Pieces>
  void Expect(bool holds, const Pieces&... pieces) {
    if (!holds)
      sentences_.push_back(base::Cat(InWords(pieces)...));
  }
  void Add(std::vector<std::string> sentences) {
    for (std::string& sentence : sentences)
      sentences_.push_back(std::move(sentence));
  }
  std::vector<std::string> Take() { return std::move(sentences_); }

 private:
  template <typename Piece>
  static const Piece& InWords(const Piece& piece) {
    return piece;
  }
  static std::string InWords(const model::RunKey& run) { return ToString(run); }
  static std::string InWords(const model::JobKey& job) { return ToString(job); }

  std::vector<std::string> sentences_;
};

}  // namespace engine
