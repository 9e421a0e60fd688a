// ParseJson, over Boost.JSON's tokens: its own conversion of decimals is off by a bit in the last
// place now and then, and then a number would not be written back as it was read.

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>

#include "base/json.h"
#include "base/text.h"

namespace base {

namespace {

using boost::system::error_code;
using json::string_view;

// What basic_parser calls; the names and limits are Boost's.
class Builder {
 public:
  static constexpr size_t max_object_size = json::object::max_size();
  static constexpr size_t max_array_size = json::array::max_size();
  static constexpr size_t max_key_size = json::string::max_size();
  static constexpr size_t max_string_size = json::string::max_size();

  json::value Take() { return stack_.release(); }

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(size_t count, error_code&) {
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(size_t count, error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(string_view part, size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(string_view part, size_t, error_code&) {
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(string_view part, size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(string_view part, size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(string_view part, error_code&) {
    number_ += std::string_view(part);
    return true;
  }
  bool on_int64(int64_t number, string_view, error_code&) {
    number_.clear();
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(uint64_t number, string_view, error_code&) {
    number_.clear();
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double number, string_view part, error_code&) {
    number_ += std::string_view(part);
    std::from_chars(number_.data(), number_.data() + number_.size(), number);
    number_.clear();
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  json::value_stack stack_;
  std::string number_;  // its digits so far
};

}  // namespace

Result<json::value> ParseJson(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = 128;
  json::basic_parser<Builder> parser(options);
  error_code ec;
  const size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size())
    ec = json::error::extra_data;
  if (ec)
    return Fail(ErrorCode::kInvalidArgument, Cat(what, " is not valid JSON: ", ec.message()));
  return parser.handler().Take();
}

}  // namespace base
