// `dags map`: the project's DAGs as a subway map, a picture in SVG, without a server.

#include "api/map_estate.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/project.h"
#include "metro/layout.h"
#include "metro/layout_json.h"
#include "metro/svg.h"

namespace cli {

Outcome<void> DrawMap(const MapOptions& options) {
  auto project = LoadProject(options.project);
  if (!project)
    return tl::unexpected(project.error());
  const metro::Layout layout = metro::LayOut(api::EstateOf(project->loaded.dags));
  if (IsData(options.format)) {
    PrintData(options.format, metro::ToJson(layout));
    return {};
  }
  const std::string svg = metro::ToSvg(layout);
  if (options.svg.empty()) {
    Print(svg);
    return {};
  }
  if (auto written = WriteFile(options.svg, svg); !written)
    return Fail(Exit::kEnvironment, written.error().message);
  return {};
}

}  // namespace cli
