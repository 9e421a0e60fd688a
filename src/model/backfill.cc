#include "model/backfill.h"

#include <array>
#include <utility>

namespace model {

namespace {

constexpr std::array<std::string_view, 3> kReprocess = {"none", "failed", "completed"};

// Airflow's words where it has them.
constexpr std::array<std::string_view, 9> kOutcomes = {"pending",
                                                       "created",
                                                       "cleared existing run",
                                                       "already exists",
                                                       "in flight",
                                                       "left to the schedule",
                                                       "filled already",
                                                       "cancelled",
                                                       "unknown"};

template <typename Enum, size_t N>
std::optional<Enum> PlaceOf(const std::array<std::string_view, N>& words, std::string_view text) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text)
      return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToString(Reprocess reprocess) {
  return kReprocess[static_cast<size_t>(reprocess)];
}

std::optional<Reprocess> ParseReprocess(std::string_view text) {
  return PlaceOf<Reprocess>(kReprocess, text);
}

std::string_view ToString(TickOutcome outcome) {
  return kOutcomes[static_cast<size_t>(outcome)];
}

std::optional<TickOutcome> ParseTickOutcome(std::string_view text) {
  return PlaceOf<TickOutcome>(kOutcomes, text);
}

}  // namespace model
