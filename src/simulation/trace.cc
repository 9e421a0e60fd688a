#include "simulation/trace.h"

namespace simulation {

void Trace::Mix(uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    hash_ = (hash_ ^ (value & 0xff)) * 0x100000001b3;
    value >>= 8;
  }
}

void Trace::Mix(std::string_view text) {
  for (char c : text)
    hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  Mix(static_cast<uint64_t>(text.size()));
}

// History tells every change of state.
void Trace::MixRow(const model::HistoryRow& row) {
  Mix(row.at);
  Mix(row.subject.text);
  Mix(row.to);
  Mix(row.cause);
}

void Trace::MixRow(const model::LaunchRow& row) {
  Mix(row.token.str());
  Mix(static_cast<uint64_t>(row.state));
}

void Trace::MixRow(const model::CommandRow& row) {
  Mix(row.aggregate);
  Mix(static_cast<uint64_t>(row.sequence));
}

void Trace::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Mix(now);
  for (const model::Change& change : batch) {
    Mix(static_cast<uint64_t>(change.index()));
    std::visit(
        [&](const auto& row) {
          if constexpr (requires { row->token; })
            MixRow(*row);
          else
            MixRow(row);
        },
        change);
  }
}

void Trace::OnCall(const SeenCall& call) {
  Mix(call.at);
  Mix(call.action);
  Mix(call.body);
  Mix(static_cast<uint64_t>(call.reply == nullptr ? 0 : call.reply->http_status));
}

void Trace::OnDeath(base::Time now) {
  Mix(now);
  Mix("death");
}

}  // namespace simulation
