#include "simulation/narrator.h"

namespace simulation {

namespace {
constexpr size_t kBodyMax = 160;
}

std::ostream& Narrator::Line(base::Time now, std::string_view who) {
  return out_ << base::FormatRfc3339(now) << "  " << who << "  ";
}

void Narrator::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::HistoryRow>(&change))
      Line(now, "us ") << row->subject.text << ": " << row->from << " -> " << row->to << "  "
                       << row->cause << "\n";
  }
}

void Narrator::OnCall(const SeenCall& call) {
  Line(call.at, "us ") << call.action << " "
                       << (call.action == "RunJobFlow"
                               ? base::GetString(call.request.as_object(), "Name")
                               : std::string(call.body.substr(0, kBodyMax)))
                       << " => ";
  if (call.reply == nullptr)
    out_ << "never arrived\n";
  else
    out_ << call.reply->http_status << " " << call.reply->error_code
         << (call.reply->delivery == emulator::Reply::Delivery::kNormal ? "" : " (late or lost)")
         << "\n";
}

void Narrator::OnOpened(base::Time now, Opener opener, int64_t epoch) {
  if (opener == Opener::kAnother)
    Line(now, "   ") << "=== another process opens the store: epoch " << epoch << "\n";
}

void Narrator::OnTailLost(base::Time now, const std::vector<Stored>&, base::Time since) {
  Line(now, "   ") << "=== the store loses what it was given since " << base::FormatRfc3339(since)
                   << "\n";
}

void Narrator::OnDetached(base::Time now) {
  Line(now, "   ") << "=== somebody deletes the store's file\n";
}

void Narrator::OnDeath(base::Time now) {
  Line(now, "us ") << "=== the process dies\n";
}

void Narrator::OnBirth(base::Time now) {
  Line(now, "us ") << "=== the process starts\n";
}

void Narrator::OnTurn(base::Time now) {
  for (const emulator::Cluster& cluster : emr_.clusters()) {
    const bool is_new = cluster.ordinal >= told_.size();
    if (is_new)
      told_.push_back(cluster.state);
    else if (told_[cluster.ordinal] == cluster.state)
      continue;
    told_[cluster.ordinal] = cluster.state;
    Line(now, "EMR") << cluster.id << " " << emulator::Text(cluster.state) << " "
                     << cluster.reason.code << "  " << cluster.name << "\n";
  }
}

}  // namespace simulation
