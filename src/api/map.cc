// GET /map: the whole estate in one answer, or the part of it that is asked for. GET /map/layout:
// where it all stands, for those DAGs that the caller sees.

#include <algorithm>
#include <set>
#include <utility>

#include "api/map_board.h"
#include "api/map_layouts.h"
#include "api/resources.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/etag.h"

namespace api {

namespace {

struct Wanted {
  std::vector<std::string> dags, tags;  // none: all

  bool Fits(const MapTexts::Dag& dag) const {
    const auto has = [](const auto& list, const std::string& text) {
      return list.empty() || std::ranges::find(list, text) != list.end();
    };
    return has(dags, dag.id.str()) &&
           (tags.empty() || std::ranges::any_of(dag.tags, [&](const std::string& tag) {
              return std::ranges::find(tags, tag) != tags.end();
            }));
  }
};

void Append(std::string& list, const std::string& text) {
  if (list.back() != '[')
    list += ',';
  list += text;
}

// An edge is shown if one of its ends is: the other end has its id.
std::string BodyOf(const MapTexts& texts,
                   const std::set<model::DagId>& shown,
                   const std::set<model::DagId>& hidden) {
  std::string out = R"({"dags":[)";
  for (const MapTexts::Dag& dag : texts.dags) {
    if (shown.contains(dag.id))
      Append(out, dag.text);
  }
  std::set<std::string_view> named;
  std::string edges = R"(],"edges":[)";
  for (const MapTexts::Edge& edge : texts.edges) {
    if ((!shown.contains(edge.from) && !shown.contains(edge.to)) || hidden.contains(edge.from) ||
        hidden.contains(edge.to))
      continue;
    Append(edges, edge.text);
    named.insert(edge.asset);
  }
  out += R"(],"assets":[)";
  for (const MapTexts::Asset& asset : texts.assets) {
    if (named.contains(asset.name))
      Append(out, asset.text);
  }
  return base::Cat(out, edges, "]}");
}

http::Response Answer304Or200(const Exchange& exchange, std::string body) {
  const std::string tag = base::Cat("\"", base::Sha256Hex(body).substr(0, 32), "\"");
  http::Response response;
  response.headers.Set("ETag", tag);
  response.headers.Set("Cache-Control", "private, no-cache");
  if (http::HasTag(exchange.request, tag)) {
    response.status = 304;
    return response;
  }
  response.headers.Set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace

void GetMap(Context& context, const SharedExchange& exchange, Answered answered) {
  Wanted wanted{.dags = ReadAll(*exchange, "dag_id"), .tags = ReadAll(*exchange, "tags")};
  context.map->Get([&context, exchange, wanted = std::move(wanted), answered = std::move(answered)](
                       const base::Result<MapBoard::Picture>& picture) {
    if (!picture)
      return answered(base::Fail(picture.error()));
    std::set<model::DagId> shown, hidden;
    for (const MapTexts::Dag& dag : (*picture)->dags) {
      if (!exchange->MaySee(dag.id))
        hidden.insert(dag.id);
      else if (wanted.Fits(dag))
        shown.insert(dag.id);
    }
    context.desk.Read<Reply>(
        ReadDesk::Turn::kFirst,
        nullptr,  // it reads no rows
        [exchange, texts = *picture, shown = std::move(shown), hidden = std::move(hidden)](
            const Reading&) -> base::Result<Reply> {
          return Answer304Or200(*exchange, BodyOf(*texts, shown, hidden));
        },
        answered);
  });
}

void GetMapLayout(Context& context, const SharedExchange& exchange, Answered answered) {
  context.map->Get([&context, exchange, answered = std::move(answered)](
                       const base::Result<MapBoard::Picture>& picture) {
    if (!picture)
      return answered(base::Fail(picture.error()));
    MapDags seen;
    for (const MapTexts::Dag& dag : (*picture)->dags) {
      if (exchange->MaySee(dag.id))
        seen.push_back(dag.dag);
    }
    context.layouts->Get(std::move(seen),
                         exchange->IsScoped() ? MapLayouts::Sight::kSome : MapLayouts::Sight::kAll,
                         [exchange, answered](const base::Result<MapLayouts::Text>& text) {
                           if (!text)
                             return answered(base::Fail(text.error()));
                           answered(Answer304Or200(*exchange, **text));
                         });
  });
}

}  // namespace api
