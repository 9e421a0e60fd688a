#pragma once

// The `{{ }}` language of DAG files: Jinja's expressions, with Jinja's meaning.
//
//   {{ ds }}   {{ params.days * 24 if params.full else 1 }}   {# a comment #}
//   {{ logical_date.subtract(months=1).start_of('month').strftime('%Y-%m') }}
//
// It has no statements, loops or assignments, calls only what functions.cc lists, and does no I/O.
// A text that is exactly one `{{ }}` renders to its expression's value with its type; anything else
// renders to a text, in which values look as in Python ("True", "None", "1.0",
// "2026-01-05T02:00:00+00:00"). README.md lists where it is stricter than Jinja. A final newline is
// kept. Literal braces: {{ '{{' }}.
//
// Columns count bytes from 1. Values may be used from any thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "template/secret.h"

namespace tmpl {

// What stands for a value that must not be seen. It goes into a text as it is, or nowhere.
struct Secret {
  SecretPath path;
  bool has_members = false;  // they are not known, and secrets as well
};

// What a lookup gives. A map that holds secrets is no value: its members are.
struct Looked;
using LookedMap = std::shared_ptr<const std::map<std::string, Looked, std::less<>>>;
struct Looked : std::variant<json::value, Secret, LookedMap> {
  using variant::variant;
};

// A member by its name. kNotFound where there is none: then a default counts.
using Lookup = std::function<base::Result<Looked>(std::string_view member)>;

// What the names mean. Times are no JSON, so they stand apart; one inside a map has a name with a
// dot
// ("dag_run.logical_date").
struct Context {
  json::object values;
  std::map<std::string, base::Time, std::less<>> times;
  // For Check: names of `values` that will have other values when it is rendered, as all times
  // will.
  std::set<std::string, std::less<>> samples;
  // Maps of which a member is looked up when it is used, by their names ("conn", "var.value").
  std::map<std::string, Lookup, std::less<>> lookups;
  // Seconds east of UTC at that time in the DAG's zone, for the filter `local`; empty: UTC.
  std::function<int(base::Time)> utc_offset_seconds;
};

struct Place {
  int line = 1;
  int column = 1;
};

struct Problem {
  Place place;
  std::string message;
};

// Whether a text may hold secrets: only one that is filled where it is sent.
enum class Secrets { kRefused, kTaken };

struct Piece;  // internal: a stretch of text or an expression

class Template {
 public:
  // The error names the place in `text` ("column 4: …").
  static base::Result<Template> Parse(std::string_view text);

  // kNotFound for an undefined name, kInvalidArgument for everything else. Secrets that are taken
  // stand in it as marks (secret.h).
  base::Result<json::value> Render(const Context& context,
                                   Secrets secrets = Secrets::kRefused) const;

 private:
  Template(std::string_view text, std::vector<Piece> pieces);

  std::string text_;  // for the places in errors
  std::shared_ptr<const std::vector<Piece>> pieces_;
};

// What is wrong with `text` as far as it can be known before it is rendered. `known` holds a sample
// of what will be there; a null in it stands for a value that is not known yet, whatever its type.
std::vector<Problem> Check(std::string_view text,
                           const Context& known,
                           Secrets secrets = Secrets::kRefused);

// Renders every text in the document (values, not keys). The error begins with the path of the
// text: "Steps[0].HadoopJarStep.Args[3]: column 4: …". `places`: which may hold secrets; null:
// none.
base::Result<json::value> RenderJson(const json::value& document,
                                     const Context& context,
                                     SecretPlaces places = nullptr);

// Renders those texts of the document of which every value is known: not those that use a null of
// `known` (see Check), nor those with a mistake, which Check reports. The rest stays as it is.
json::value RenderKnown(const json::value& document, const Context& known);

}  // namespace tmpl
