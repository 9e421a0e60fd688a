#include "dagfile/request_draft.h"

#include "base/text.h"

namespace dagfile {

std::string MemberPath(const std::string& path, std::string_view member) {
  return base::Cat(path, path.empty() ? "" : ".", member);
}

std::string ItemPath(const std::string& path, size_t index) {
  return base::Cat(path, "[", index, "]");
}

void RequestDraft::SetTemplate(const yaml::Node& map, FileReport* report) {
  request_ = yaml::ToJson(map).get_object();
  RecordAll("", map, report);
}

// A map and a list stand where their key stands, a scalar where it is.
void RequestDraft::RecordAll(const std::string& path, const yaml::Node& node, FileReport* report) {
  for (const yaml::Member& member : node.members()) {
    std::string below = MemberPath(path, member.key);
    bool scalar = !member.value.is_map() && !member.value.is_sequence();
    Record(below, {report, scalar ? member.value.mark() : member.key_mark});
    RecordAll(below, member.value, report);
  }
  for (size_t i = 0; i < node.items().size(); ++i) {
    std::string below = ItemPath(path, i);
    Record(below, {report, node.items()[i].mark()});
    RecordAll(below, node.items()[i], report);
  }
}

void RequestDraft::Override(const yaml::Node& map, FileReport* report) {
  Merge(request_, map, report, "");
}

void RequestDraft::Merge(json::object& under,
                         const yaml::Node& over,
                         FileReport* report,
                         const std::string& path) {
  for (const yaml::Member& member : over.members()) {
    std::string below = MemberPath(path, member.key);
    if (member.value.kind() == yaml::Kind::kNull) {
      under.erase(member.key);
      continue;
    }
    json::value& slot = under[member.key];
    if (member.value.is_map()) {
      if (!slot.is_object()) {
        slot = json::object();
        Record(below, {report, member.key_mark});
      }
      Merge(slot.get_object(), member.value, report, below);
      continue;
    }
    slot = yaml::ToJson(member.value);
    Record(below, {report, member.value.is_sequence() ? member.key_mark : member.value.mark()});
    RecordAll(below, member.value, report);
  }
}

const Origin* RequestDraft::FindOrigin(std::string_view path) const {
  while (!path.empty()) {
    if (auto found = origins_.find(path); found != origins_.end())
      return &found->second;
    size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  return nullptr;
}

Origin RequestDraft::OriginOf(std::string_view path) const {
  const Origin* found = FindOrigin(path);
  return found != nullptr ? *found : job_;
}

}  // namespace dagfile
