#include "cli/sealed.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "base/text.h"

namespace cli {

namespace {
using base::Cat;
}  // namespace

Outcome<std::string> ValueOf(const std::string& text) {
  if (text != "-")
    return text;
  std::string value{std::istreambuf_iterator<char>(std::cin), {}};
  if (value.ends_with('\n'))
    value.pop_back();
  if (value.ends_with('\r'))
    value.pop_back();
  if (value.empty())
    return Fail(Exit::kUsage, "there is nothing on stdin, where '-' reads the value from");
  return value;
}

Outcome<json::array> Change(const LiveOptions& options, std::string_view path, BulkAction action) {
  auto server = ServerClient::Find(options.server);
  if (!server)
    return tl::unexpected(server.error());
  const char* choice =
      action.action == "create" ? "action_on_existence" : "action_on_non_existence";
  const json::object one{{"action", action.action},
                         {choice, action.otherwise},
                         {"entities", std::move(action.entities)}};
  auto answer = server->Patch(path, {{"actions", json::array{one}}});
  if (!answer)
    return tl::unexpected(answer.error());
  const json::value* done = answer->if_contains(action.action);
  const json::object none;
  const json::object& result = done != nullptr && done->is_object() ? done->get_object() : none;
  const json::array errors = base::GetArray(result, "errors");
  if (!errors.empty())
    return Fail(Exit::kFailed,
                Cat("the server refused it: ", base::GetString(errors[0].as_object(), "error")));
  return base::GetArray(result, "success");
}

Outcome<void> ImportFile(const FileOptions& asked, std::string_view path, ToEntity to_entity) {
  std::string text;
  if (asked.file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream in(asked.file);
    if (!in)
      return Fail(Exit::kUsage, Cat("cannot read ", asked.file));
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto parsed = base::ParseJson(text, asked.file);
  if (!parsed)
    return Fail(Exit::kUsage, parsed.error().message);
  if (!parsed->is_object())
    return Fail(Exit::kUsage, Cat(asked.file, " holds no JSON object by name"));
  json::array entities;
  for (const auto& [name, value] : parsed->get_object()) {
    auto entity = to_entity(std::string(name), value);
    if (!entity)
      return tl::unexpected(entity.error());
    entities.push_back(*std::move(entity));
  }
  const size_t all = entities.size();
  auto done =
      Change(asked.live,
             path,
             {.action = "create", .otherwise = asked.if_exists, .entities = std::move(entities)});
  if (!done)
    return tl::unexpected(done.error());
  Print(Cat(done->size(), " of ", all, " set\n"));
  return {};
}

Outcome<void> CheckAllOpen(const json::array& records, std::string_view name_member) {
  std::vector<std::string> names;
  std::string trouble;
  for (const json::value& each : records) {
    const json::object& record = each.as_object();
    if (!record.contains("trouble"))
      continue;
    names.push_back(base::GetString(record, name_member));
    trouble = base::GetString(record, "trouble");
  }
  if (names.empty())
    return {};
  return Fail(Exit::kFailed,
              Cat("nothing was written, because these do not open: ",
                  base::Join(names, ", "),
                  ". Of the last: ",
                  trouble));
}

Outcome<void> Remove(const SecretOptions& asked,
                     const Removal& what,
                     const std::vector<Field>& fields) {
  auto server = ServerClient::Find(asked.live.server);
  if (!server)
    return tl::unexpected(server.error());
  // Of the list: one that does not open is there too.
  auto found = FindListed(*server, what.path, what.list, what.name_member, asked.name);
  if (!found)
    return tl::unexpected(found.error());
  if (found->empty())
    return Fail(Exit::kFailed, Cat("there is no ", what.noun, " '", asked.name, "'"));
  if (asked.consent.dry_run) {
    PrintList(asked.live.format, *found, fields);
    return {};
  }
  if (auto agreed = Confirm({Cat("Delete the ", what.noun, " '", asked.name, "'?"), *found, fields},
                            asked.consent.yes);
      !agreed)
    return agreed;
  auto done = Change(asked.live, what.path, {.action = "delete", .entities = {asked.name}});
  if (!done)
    return tl::unexpected(done.error());
  Print(Cat(what.noun, " ", asked.name, " removed\n"));
  return {};
}

Outcome<void> ExportFile(const FileOptions& asked, const json::object& by_name, size_t hidden) {
  const std::string text = PrettyJson(by_name);
  if (asked.file == "-") {
    Print(text);
  } else {
    std::ofstream out(asked.file);
    out << text;
    if (!out.flush())
      return Fail(Exit::kEnvironment, Cat("cannot write ", asked.file));
  }
  if (hidden > 0)
    PrintError(
        Cat(hidden,
            " of ",
            by_name.size(),
            " hold secrets, which are *** there: they cannot be made again from this file\n"));
  return {};
}

}  // namespace cli
