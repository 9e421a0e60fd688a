// Whatever a route may answer arrives: any status, headers and bytes, a file, a stream; and its
// body is checked by the table.

#include <gmock/gmock.h>

#include "api/test_support.h"

namespace api::testing {
namespace {

using ::testing::HasSubstr;

const char* file_path = "";

class RepliesTest : public ApiTest {
 protected:
  // As it came.
  http::Response Fetch(http::Request request) {
    http::Response out;
    client_.Send(url_, std::move(request), {}, [&](auto result) {
      if (result)
        out = std::move(*result);
      loop_.Stop();
    });
    loop_.Run();
    return out;
  }
  http::Response Fetch(const std::string& method, const std::string& target) {
    return Fetch(Request(method, target, method == "GET" ? "" : "{}"));
  }
};

TEST_F(RepliesTest, AnyStatusHeadersAndBytes) {
  routes_ = {{"POST",
              "test/created",
              Access::kOperate,
              Glance([](Context&, const Exchange&) -> api::Answer {
                http::Response response{.status = 201, .body = std::string("\x00\xff", 2)};
                response.headers.Set("Location", "/somewhere");
                response.headers.Set("Cache-Control", "max-age=60");
                return response;
              })},
             {"DELETE",
              "test/gone",
              Access::kOperate,
              Change([](Context&, const std::shared_ptr<const Exchange>&, Answered answered) {
                answered(http::Response{.status = 204});
              })},
             {"GET",
              "test/teapot",
              Access::kRead,
              Query([](const Reading&, const Exchange&) -> api::Answer {
                return http::ErrorResponse(418, "short and stout");
              })}};
  Start();
  const http::Response created = Fetch("POST", "/api/v2/test/created");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.body, std::string("\x00\xff", 2));
  EXPECT_EQ(created.headers.Get("Location"), "/somewhere");
  EXPECT_EQ(created.headers.Get("Cache-Control"), "max-age=60");
  EXPECT_EQ(created.headers.Get("X-Content-Type-Options"), "nosniff");
  const http::Response gone = Fetch("DELETE", "/api/v2/test/gone");
  EXPECT_EQ(gone.status, 204);
  EXPECT_FALSE(gone.headers.Get("Content-Length"));
  EXPECT_EQ(Fetch("GET", "/api/v2/test/teapot").status, 418);
}

TEST_F(RepliesTest, AFileOrWhyItIsNone) {
  routes_ = {
      {"GET", "test/file", Access::kRead, Query([](const Reading&, const Exchange&) -> api::Answer {
         http::Response head;
         head.headers.Set("Content-Type", "text/yaml");
         return FileReply{std::move(head), file_path};
       })}};
  Start();
  const std::string path = folder_ + "/dags/spark.yaml";
  file_path = path.c_str();
  const http::Response file = Fetch("GET", "/api/v2/test/file");
  EXPECT_EQ(file.body, kSpark);
  EXPECT_EQ(file.headers.Get("Content-Type"), "text/yaml");
  EXPECT_EQ(file.headers.Get("Content-Length"), base::Cat(std::string_view(kSpark).size()));
  EXPECT_EQ(file.headers.Get("X-Content-Type-Options"), "nosniff");
  file_path = "/no/such/file";
  EXPECT_EQ(Fetch("GET", "/api/v2/test/file").status, 404);
}

TEST_F(RepliesTest, AStreamThatIsWrittenLater) {
  routes_ = {{"GET",
              "/stream",
              Access::kRead,
              Glance([](Context& context, const Exchange&) -> api::Answer {
                return StreamReply{{}, [&context](const http::Stream& stream) {
                                     stream.Write("first,");
                                     context.views.Read(
                                         ReadDesk::Turn::kUsual,
                                         [](store::Reader&) {},
                                         [stream](const base::Status&) {
                                           stream.Write("then the rest");
                                           stream.End();
                                         });
                                   }};
              })}};
  Start();
  const http::Response got = Fetch("GET", "/stream");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "first,then the rest");
  http::Request stranger = Request("GET", "/stream");
  stranger.headers.Remove("Authorization");
  EXPECT_EQ(Fetch(std::move(stranger)).status, 401);
}

TEST_F(RepliesTest, TheTableSaysWhatABodyMayHave) {
  using Type = Member::Type;
  routes_ = {
      {"POST",
       "test/body",
       Access::kOperate,
       Glance([](Context&, const Exchange& exchange) -> api::Answer { return exchange.body; }),
       BodySchema{{"text", Type::kText},
                  {"flag", Type::kFlag},
                  {"list", Type::kList},
                  {"object", Type::kObject},
                  {"time", Type::kTime},
                  {"later", Type::kNotYet},
                  {"must", Type::kText, Member::Presence::kRequired}}}};
  Start();
  const auto status = [&](const std::string& body) { return Post("test/body", body).status; };
  EXPECT_EQ(status(R"({"must": null})"), 200);
  EXPECT_EQ(status(R"({"must": "x", "text": "y", "flag": true, "list": [], "object": {},
                       "time": "2026-01-05T00:00:00Z", "later": false})"),
            200);
  const std::vector<std::pair<std::string, std::string>> wrong{
      {R"({})", "'must' is required"},
      {R"({"must": 1})", "'must' must be a text"},
      {R"({"must": "", "flag": "yes"})", "'flag' must be true or false"},
      {R"({"must": "", "list": {}})", "'list' must be a list"},
      {R"({"must": "", "object": []})", "'object' must be a JSON object"},
      {R"({"must": "", "time": 5})", "'time' must be a text such as"},
      {R"({"must": "", "time": "soon"})", "soon"},
      {R"({"must": "", "later": 1})", "'later' is not supported yet"},
      {R"({"must": "", "odd": 1})", "'odd' in the body is not supported; known: text, flag"},
      {R"([])", "must be a JSON object"},
      {R"({"must")", "the body"}};
  for (const auto& [body, sentence] : wrong) {
    const Answer refused = Post("test/body", body);
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_THAT(refused.detail(), HasSubstr(sentence)) << body;
  }
}

}  // namespace
}  // namespace api::testing
