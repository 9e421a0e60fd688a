#include "yaml/builder.h"

#include <algorithm>

#include "yaml/scalar.h"

namespace yaml {

using base::Cat;

namespace {

// True if the quoted text that opens at `pos` is closed somewhere: yaml-cpp takes the end of the
// file for the closing quote.
bool QuoteCloses(std::string_view text, size_t pos) {
  char quote = text[pos];
  for (++pos; pos < text.size(); ++pos) {
    if (quote == '"' && text[pos] == '\\')
      ++pos;
    else if (text[pos] == quote && quote == '\'' && pos + 1 < text.size() && text[pos + 1] == '\'')
      ++pos;
    else if (text[pos] == quote)
      return true;
  }
  return false;
}

// yaml-cpp writes the escapes \N (U+0085) and \_ (U+00A0) as one byte each, which is no UTF-8.
// Where a character should begin, such a byte can be nothing else: the file itself is UTF-8.
std::string MendEscapes(const std::string& value) {
  std::string out;
  out.reserve(value.size());
  for (size_t pos = 0, length = 0; pos < value.size(); pos += length) {
    auto lead = static_cast<unsigned char>(value[pos]);
    length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead == 0x85 || lead == 0xA0)
      out += '\xC2';
    out.append(value, pos, length);
  }
  return out;
}

// The place of a node's content, past its anchor and tag (a mark of yaml-cpp stands before them).
size_t SkipProperties(std::string_view text, size_t pos) {
  while (pos < text.size()) {
    if (text[pos] == '&' || text[pos] == '!')
      pos = std::min(text.find_first_of(" \t\r\n", pos), text.size());
    else if (text[pos] == '#')
      pos = std::min(text.find('\n', pos), text.size());
    else if (text[pos] == ' ' || text[pos] == '\t' || text[pos] == '\r' || text[pos] == '\n')
      ++pos;
    else
      break;
  }
  return pos;
}

}  // namespace

std::optional<Mark> Builder::OpenBracket(char* bracket) const {
  for (auto frame = stack_.rbegin(); frame != stack_.rend(); ++frame) {
    size_t pos = SkipProperties(text_, frame->pos);
    if (pos < text_.size() && (text_[pos] == '[' || text_[pos] == '{')) {
      *bracket = text_[pos];
      return frame->data->mark;
    }
  }
  return std::nullopt;
}

std::optional<Mark> Builder::OpenCollection() const {
  if (stack_.empty())
    return std::nullopt;
  return stack_.back().data->mark;
}

void Builder::Count(int64_t nodes, int height, Mark mark) {
  nodes_ += nodes;
  if (nodes_ > kMaxNodes)
    Fail(mark, Cat("the file has more than ", kMaxNodes, " values (aliases written out)"));
  if (static_cast<int>(stack_.size()) + height > kMaxDepth)
    Fail(mark, Cat("lists and maps are nested more than ", kMaxDepth, " deep"));
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto data = std::make_shared<Data>();
  data->mark = ToMark(mark);
  // Of an empty value yaml-cpp gives the place of whatever comes next.
  if (!stack_.empty() && stack_.back().key)
    data->mark = stack_.back().key->key_mark;
  Count(1, 1, data->mark);
  Deliver(Node(data), data->mark, anchor);
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto found = anchors_.find(anchor);
  if (found == anchors_.end())
    Fail(ToMark(mark), "this alias stands inside the very value that it names");
  // By value: Deliver may add to anchors_.
  Node node = found->second;
  Count(node.data_->expanded, node.data_->height, ToMark(mark));
  alias_bytes_ += node.data_->bytes;
  if (alias_bytes_ > kMaxAliasBytes)
    Fail(ToMark(mark),
         Cat("the file has more than ", kMaxAliasBytes >> 20, " MiB of text, aliases written out"));
  Deliver(node, ToMark(mark), 0);
}

void Builder::CheckTag(Mark mark, const std::string& tag, std::string_view allowed) {
  if (tag.empty() || tag == "?" || tag == "!" || tag == Cat("tag:yaml.org,2002:", allowed))
    return;
  std::string_view name = tag;
  constexpr std::string_view kYaml = "tag:yaml.org,2002:";
  if (name.starts_with(kYaml))
    diagnostics_.Add(mark,
                     Cat("the tag '!!",
                         name.substr(kYaml.size()),
                         "' is not supported here; write the value alone"));
  else
    diagnostics_.Add(mark, Cat("the tag '", name, "' is not supported; write the value alone"));
}

void Builder::OnScalar(const YAML::Mark& yaml_mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       const std::string& value) {
  auto data = std::make_shared<Data>();
  data->mark = ToMark(yaml_mark);
  data->kind = Kind::kString;
  data->text = MendEscapes(value);
  data->bytes = static_cast<int64_t>(data->text.size());
  Count(1, 1, data->mark);
  CheckTag(data->mark, tag, "str");
  size_t pos = SkipProperties(text_, static_cast<size_t>(yaml_mark.pos));
  if (tag != "?") {
    data->quoted = true;
    if (pos < text_.size() && (text_[pos] == '"' || text_[pos] == '\'') && !QuoteCloses(text_, pos))
      Fail(data->mark, Cat("the text that begins here has no closing ", text_.substr(pos, 1)));
  } else if (value == "true" || value == "True" || value == "TRUE" || value == "false" ||
             value == "False" || value == "FALSE") {
    data->kind = Kind::kBool;
    data->boolean = value[0] == 't' || value[0] == 'T';
  } else {
    switch (ReadNumber(value, &data->integer, &data->number)) {
      case Number::kNone:
        break;
      case Number::kInt:
        data->kind = Kind::kInt;
        break;
      case Number::kDouble:
        data->kind = Kind::kDouble;
        break;
      case Number::kTooLarge:
        diagnostics_.Add(
            data->mark,
            Cat("'",
                value,
                "' is a number that 64 bits cannot hold; if it is a text, put it in quotes"));
        break;
    }
  }
  Deliver(Node(data), data->mark, anchor);
}

void Builder::OnSequenceStart(const YAML::Mark& mark,
                              const std::string& tag,
                              YAML::anchor_t anchor,
                              YAML::EmitterStyle::value) {
  CheckTag(ToMark(mark), tag, "seq");
  StartCollection(Kind::kSequence, mark, anchor);
}

void Builder::OnMapStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) {
  CheckTag(ToMark(mark), tag, "map");
  StartCollection(Kind::kMap, mark, anchor);
}

void Builder::StartCollection(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
  Count(1, 1, ToMark(mark));
  Frame frame;
  frame.data = std::make_shared<Data>();
  frame.data->kind = kind;
  frame.data->mark = ToMark(mark);
  frame.anchor = anchor;
  frame.pos = static_cast<size_t>(mark.pos);
  stack_.push_back(std::move(frame));
}

void Builder::OnMapEnd() {
  Frame& frame = stack_.back();
  for (const auto& [node, mark] : frame.merges) {
    if (node.is_map()) {
      Merge(*frame.data, node, frame.seen);
      continue;
    }
    bool maps = node.is_sequence();
    for (const Node& item : node.items())
      maps = maps && item.is_map();
    if (!maps)
      diagnostics_.Add(mark,
                       "'<<' takes a map (or a list of maps), usually an alias such as *defaults");
    for (const Node& item : node.items())
      Merge(*frame.data, item, frame.seen);
  }
  EndCollection();
}

// The map's own keys win, then the maps merged earlier.
void Builder::Merge(Data& map, const Node& from, std::map<std::string, Mark, std::less<>>& seen) {
  for (const Member& member : from.members())
    if (seen.emplace(member.key, member.key_mark).second)
      map.members.push_back(member);
}

void Builder::EndCollection() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  auto add = [&](const Node& node) {
    frame.data->expanded += node.data_->expanded;
    frame.data->bytes += node.data_->bytes;
    frame.data->height = std::max(frame.data->height, node.data_->height + 1);
  };
  for (const Node& item : frame.data->items)
    add(item);
  for (const Member& member : frame.data->members)
    add(member.value);
  Mark mark = frame.data->mark;
  Deliver(Node(std::move(frame.data)), mark, frame.anchor);
}

void Builder::Deliver(Node node, Mark mark, YAML::anchor_t anchor) {
  if (anchor != 0)
    anchors_.insert_or_assign(anchor, node);
  if (stack_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = stack_.back();
  if (frame.data->kind == Kind::kSequence)
    frame.data->items.push_back(std::move(node));
  else if (!frame.key)
    TakeKey(frame, node, mark);
  else
    TakeValue(frame, std::move(node), mark);
}

void Builder::TakeKey(Frame& frame, const Node& node, Mark mark) {
  frame.key = Member{.key = node.raw(), .key_mark = mark, .value = {}};
  frame.key_use = KeyUse::kDrop;
  if (node.is_map() || node.is_sequence()) {
    bool braces = text_.substr(SkipProperties(text_, frame.pos)).starts_with("{{");
    diagnostics_.Add(mark,
                     braces ? "a value that begins with '{{' must be in quotes: \"{{ name }}\""
                            : Cat("a key must be a text, found ", Describe(node.kind())));
    return;
  }
  if (node.kind() == Kind::kNull) {
    diagnostics_.Add(mark, "this key is empty");
    return;
  }
  auto [first, is_new] = frame.seen.emplace(node.raw(), mark);
  if (!is_new)
    diagnostics_.Add(
        mark, Cat("the key '", node.raw(), "' is there twice; first at ", Place(first->second)));
  else
    frame.key_use = node.raw() == "<<" && !node.quoted() ? KeyUse::kMerge : KeyUse::kMember;
}

void Builder::TakeValue(Frame& frame, Node node, Mark mark) {
  Member member = std::move(*frame.key);
  frame.key.reset();
  switch (frame.key_use) {
    case KeyUse::kMember:
      member.value = std::move(node);
      frame.data->members.push_back(std::move(member));
      break;
    case KeyUse::kMerge:
      frame.merges.emplace_back(std::move(node), mark);
      break;
    case KeyUse::kDrop:
      break;
  }
}

}  // namespace yaml
