#include "json_lines.h"

#include <iostream>
#include <string>

#include "base/json_text.h"

namespace judges {

int AnswerLines(const Answerer& answer) {
  std::string line;
  while (std::getline(std::cin, line)) {
    base::Result<json::value> question = base::ParseJson(line, "the question");
    if (!question || !question->is_object()) {
      std::cerr << (question ? "a question is an object" : question.error().message) << '\n';
      return 2;
    }
    base::Result<json::object> found = answer(question->get_object());
    json::object reply = found ? std::move(*found) : json::object{{"error", found.error().message}};
    std::cout << base::Serialize(reply) << '\n';
  }
  return 0;
}

}  // namespace judges
