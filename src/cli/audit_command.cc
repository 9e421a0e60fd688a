// `audit`: who did what, and who was refused.

#include "base/text.h"
#include "cli/commands.h"
#include "cli/lists.h"

namespace cli {

Outcome<void> ShowAudit(const AuditOptions& asked) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  Query query;
  query.Add("actor", asked.actor)
      .Add("kind", asked.kind)
      .Add("dag_id", asked.dag)
      .Add("from", asked.from)
      .Add("until", asked.until)
      .Add("refused", asked.refused ? "true" : "")
      .Add("limit", std::to_string(asked.limit));
  auto page = server->Get("/audit" + query.text());
  if (!page)
    return tl::unexpected(page.error());
  PrintList(asked.live.format,
            base::GetArray(*page, "audit"),
            {{"AT", "at"},
             {"WHO", "actor"},
             {"BY", "means", false, Table::Fit::kDrop},
             {"FROM", "address", false, Table::Fit::kDrop},
             {"WHAT", "entity"},
             {"WAS", "from", false, Table::Fit::kCut},
             {"IS", "to", false, Table::Fit::kCut},
             {"WHY", "cause", false, Table::Fit::kCut}});
  return {};
}

}  // namespace cli
