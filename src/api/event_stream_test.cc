// GET /events: which rows come, how a client goes on, and how many there may be.

#include <set>

#include "api/test_support.h"

namespace api::testing {
namespace {

struct Event {
  std::string name;
  int64_t id = -1;
  json::object data;
};

class EventStreamTest : public ApiTest {
 protected:
  EventStreamTest() {
    // A stream ends by itself, so that a client that reads whole answers sees all of it.
    events_ = {.pause = base::milliseconds(5),
               .heartbeat = base::milliseconds(150),
               .longest_in_heartbeats = 2};
  }

  struct Stream {
    int status = 0;
    std::string text;
    bool is_over = false;

    std::vector<Event> events() const {
      std::vector<Event> out;
      for (const std::string& block : Blocks()) {
        Event event;
        std::string data;
        for (const std::string& line : base::Split(block, '\n')) {
          if (line.starts_with("event: "))
            event.name = line.substr(7);
          if (line.starts_with("id: "))
            event.id = *base::ParseInt(line.substr(4));
          if (line.starts_with("data: "))
            data = line.substr(6);
        }
        if (data.empty())  // a heartbeat
          continue;
        event.data = base::ParseJson(data)->as_object();
        out.push_back(std::move(event));
      }
      return out;
    }
    // The place from which the client goes on.
    int64_t last_id() const {
      int64_t last = -1;
      for (const std::string& block : Blocks()) {
        for (const std::string& line : base::Split(block, '\n')) {
          if (line.starts_with("id: "))
            last = *base::ParseInt(line.substr(4));
        }
      }
      return last;
    }
    std::vector<std::string> Blocks() const {
      std::vector<std::string> out;
      size_t begin = 0;
      for (size_t end = text.find("\n\n"); end != std::string::npos;
           end = text.find("\n\n", begin)) {
        out.push_back(text.substr(begin, end - begin));
        begin = end + 2;
      }
      return out;
    }
  };

  std::shared_ptr<Stream> Open(const std::string& query,
                               const std::string& last_event = "",
                               const std::string& token = kToken) {
    http::Request request = Request("GET", "/api/v2/events" + query);
    request.headers.Set("Authorization", "Bearer " + token);
    if (!last_event.empty())
      request.headers.Set("Last-Event-ID", last_event);
    auto stream = std::make_shared<Stream>();
    client_.Send(url_, std::move(request), {}, [stream](auto result) {
      stream->is_over = true;
      if (!result)
        return;
      stream->status = result->status;
      stream->text = result->body;
    });
    return stream;
  }
  void AwaitEnd(const std::shared_ptr<Stream>& stream) {
    for (int i = 0; i < 2000 && !stream->is_over; ++i) {
      http::Timer pause = loop_.After(base::milliseconds(5), [&] { loop_.Stop(); });
      loop_.Run();
    }
    EXPECT_TRUE(stream->is_over);
  }
  std::vector<Event> Read(const std::string& query, const std::string& last_event = "") {
    const auto stream = Open(query, last_event);
    AwaitEnd(stream);
    EXPECT_EQ(stream->status, 200) << stream->text;
    return stream->events();
  }
  // A stream that is open by the time that this returns: the server sees its request first.
  std::shared_ptr<Stream> OpenAs(const std::string& token, const std::string& query = "") {
    auto stream = Open(query, "", token);
    Get("version");
    http::Timer pause = loop_.After(base::milliseconds(20), [&] { loop_.Stop(); });
    loop_.Run();
    return stream;
  }
  struct Given {
    std::string id, token;
  };
  Given TokenFor(const std::string& user, const std::string& scopes = "") {
    Post("users",
         base::Cat(R"({"name":")", user, R"(","without_password":true,"scopes":[)", scopes, "]}"));
    const Answer made = Post("tokens", base::Cat(R"({"name":"t","user":")", user, R"("})"));
    EXPECT_EQ(made.status, 201) << made.detail();
    return {base::GetString(made.body, "id"), base::GetString(made.body, "token")};
  }
  int64_t Newest() { return runtime_->views().History().newest(); }
};

// As GET /history has them.
TEST_F(EventStreamTest, HasEachRowOfHistoryOnceInOrder) {
  Start();
  RunToEnd("empty", "r1");
  const Answer history = Get("history?limit=1000");
  const auto events = Read("?last_event_id=0");
  const json::array& rows = base::GetArray(history.body, "history");
  ASSERT_GE(events.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(events[i].data, rows[i].as_object());
    EXPECT_EQ(events[i].id, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(events[i].name, "");
  }
}

TEST_F(EventStreamTest, BeginsWithNowAndTellsWhatIsCommitted) {
  Start();
  RunToEnd("empty", "before");
  const auto stream = Open("?dag_id=empty&kind=run");
  Get("version");  // the stream is open by now: one connection of the client comes after the other
  http::Timer pause = loop_.After(base::milliseconds(20), [&] { loop_.Stop(); });
  loop_.Run();
  RunToEnd("empty", "after");
  AwaitEnd(stream);
  const auto events = stream->events();
  ASSERT_FALSE(events.empty());
  std::set<std::string> runs;
  for (const Event& event : events)
    runs.insert(base::GetString(event.data, "dag_run_id"));
  EXPECT_EQ(runs, std::set<std::string>{"after"});
  EXPECT_EQ(base::GetString(events.back().data, "to"), "success");
}

TEST_F(EventStreamTest, FiltersAsHistoryDoes) {
  Start();
  RunToEnd("empty", "r1");
  RunToEnd("empty", "r2");
  for (const char* filter : {"dag_run_id=r1",
                             "kind=task",
                             "dag_id=spark",
                             "kind=run&dag_run_id=r2",
                             "actor=api",
                             "cluster_id=none",
                             "job_id=only"}) {
    const Answer history = Get(base::Cat("history?limit=1000&", filter));
    const auto events = Read(base::Cat("?last_event_id=0&", filter));
    const json::array& rows = base::GetArray(history.body, "history");
    ASSERT_GE(events.size(), rows.size()) << filter;
    for (size_t i = 0; i < rows.size(); ++i)
      EXPECT_EQ(events[i].data, rows[i].as_object()) << filter;
  }
}

// A restart changes nothing for the client, and what was filtered out is not looked at again.
TEST_F(EventStreamTest, TellsThatAFileHasAMistakeAndThatItHasNoneAnyMore) {
  events_.longest_in_heartbeats = 20;
  Start();
  const auto stream = OpenAs(kToken);
  const auto write = [&](std::string_view text, bool is_broken) {
    Write("dags/empty.yaml", text);
    GetUntil("importErrors", [&](const Answer& answer) {
      return base::GetArray(answer.body, "import_errors").empty() != is_broken;
    });
  };
  write("dag_id: empty\ntasks: {only: {type: emty}}\n", true);
  write(kEmpty, false);  // its DAG is what it was: no state has changed
  AwaitEnd(stream);
  std::vector<std::string> names;
  for (const Event& event : stream->events())
    names.push_back(event.name);
  EXPECT_EQ(names, (std::vector<std::string>{"import-errors", "import-errors"}));
}

TEST_F(EventStreamTest, GoesOnAfterARestart) {
  Start();
  RunToEnd("empty", "r1");
  const auto first = Open("?last_event_id=0&kind=run");
  AwaitEnd(first);
  const int64_t last = first->last_id();
  EXPECT_GE(last, first->events().back().id);
  StopServer();
  StartServer();
  RunToEnd("empty", "r2");
  std::set<int64_t> seen;
  for (const Event& event : first->events())
    EXPECT_TRUE(seen.insert(event.id).second);
  for (const Event& event : Read("?last_event_id=0&kind=run", base::Cat(last)))
    EXPECT_TRUE(seen.insert(event.id).second);
  std::set<int64_t> wanted;
  const Answer history = Get("history?limit=1000&kind=run");
  for (const json::value& row : base::GetArray(history.body, "history"))
    wanted.insert(base::GetInt(row.as_object(), "seq"));
  EXPECT_EQ(seen, wanted);
}

// Older than what is kept in memory: the rows are read, in pages.
TEST_F(EventStreamTest, CatchesUpFromTheDatabase) {
  events_.longest_in_heartbeats = 20;
  Start();
  const size_t runs = runtime::Tail::kRows / 4 + 50;
  for (size_t i = 0; i < runs; ++i) {
    const Answer created = Post("dags/empty/dagRuns",
                                base::Cat(R"({"dag_run_id":"r)", i, R"(","logical_date":null})"));
    ASSERT_EQ(created.status, 200) << created.detail();
  }
  GetUntil(base::Cat("dags/empty/dagRuns/r", runs - 1),
           [](const Answer& answer) { return !base::GetString(answer.body, "end_date").empty(); });
  ASSERT_FALSE(runtime_->views().History().Holds(0));
  const int64_t newest = Newest();
  const auto events = Read("?last_event_id=0");
  ASSERT_GE(static_cast<int64_t>(events.size()), static_cast<int64_t>(runtime::Tail::kRows));
  for (size_t i = 0; i < events.size(); ++i)
    ASSERT_EQ(events[i].id, static_cast<int64_t>(i) + 1);
  EXPECT_GE(events.back().id, newest);
}

TEST_F(EventStreamTest, AnIdFromTheFutureIsToldAsAReset) {
  Start();
  const auto events = Read("?dag_id=no_such_dag", "999999");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].name, "reset");
  EXPECT_EQ(base::GetInt(events[0].data, "asked"), 999999);
  EXPECT_EQ(base::GetInt(events[0].data, "newest"), events[0].id);
  EXPECT_LE(events[0].id, Newest());
}

TEST_F(EventStreamTest, RefusesWhatIsNoIdAndNoKind) {
  Start();
  EXPECT_EQ(Get("events?last_event_id=x").status, 422);
  EXPECT_EQ(Get("events?kind=x").status, 422);
  EXPECT_EQ(Get("events?after=1").status, 422);
  http::Request request = Request("GET", "events");
  request.headers.Set("Last-Event-ID", "-3");
  EXPECT_EQ(Send(std::move(request)).status, 422);
  EXPECT_EQ(Send({.method = "GET", .target = "events"}).status, 401);
  EXPECT_EQ(Send(Request("HEAD", "events")).status, 200);
}

TEST_F(EventStreamTest, EndsAtOnceForWhoIsNoLongerLetIn) {
  events_ = {.pause = base::milliseconds(1), .heartbeat = base::hours(1)};
  Start({}, 1);
  const Given revoked = TokenFor("ada"), disabled = TokenFor("bob"), stays = TokenFor("eve");
  const auto of_revoked = OpenAs(revoked.token), of_disabled = OpenAs(disabled.token);
  const auto of_other = OpenAs(stays.token);
  EXPECT_EQ(Send(Request("DELETE", "tokens/" + revoked.id)).status, 204);
  AwaitEnd(of_revoked);
  EXPECT_EQ(of_revoked->status, 200);
  EXPECT_FALSE(of_disabled->is_over);
  EXPECT_EQ(Patch("users/bob", R"({"is_disabled":true})").status, 200);
  AwaitEnd(of_disabled);
  EXPECT_EQ(of_disabled->status, 200);
  EXPECT_FALSE(of_other->is_over);
  EXPECT_EQ(Send(Request("DELETE", "users/eve")).status, 204);
  AwaitEnd(of_other);
}

TEST_F(EventStreamTest, TellsNothingOfADagWhoseFileHasLostTheAccess) {
  events_ = {.pause = base::milliseconds(1), .heartbeat = base::hours(1)};
  const std::string file = base::Cat("access: [team_a]", kEmpty);
  Write("dags/empty.yaml", file);
  Start();
  const Given ada = TokenFor("ada", R"("access:team_a")");
  const auto sees = [&] {
    http::Request request = Request("GET", "dags");
    request.headers.Set("Authorization", "Bearer " + ada.token);
    return base::GetInt(Send(std::move(request)).body, "total_entries");
  };
  GetUntil("version", [&](const Answer&) { return sees() == 1; });
  const auto stream = OpenAs(ada.token, "?kind=run");
  RunToEnd("empty", "told");
  Write("dags/empty.yaml", kEmpty);
  GetUntil("version", [&](const Answer&) { return sees() == 0; });
  RunToEnd("empty", "kept");
  Send(Request("DELETE", "tokens/" + ada.id));
  AwaitEnd(stream);
  EXPECT_NE(stream->text.find("\"told\""), std::string::npos);
  EXPECT_EQ(stream->text.find("\"kept\""), std::string::npos);
}

TEST_F(EventStreamTest, IsRefusedWhereThereAreTooMany) {
  events_.streams = 2;
  Start();
  const auto first = Open(""), second = Open("");
  http::Timer pause = loop_.After(base::milliseconds(20), [&] { loop_.Stop(); });
  loop_.Run();
  const Answer third = Get("events");
  EXPECT_EQ(third.status, 503);
  EXPECT_EQ(Get("dags").status, 200);
  AwaitEnd(first);
  AwaitEnd(second);
  EXPECT_EQ(first->status, 200);
  const auto again = Open("");
  AwaitEnd(again);
  EXPECT_EQ(again->status, 200);
}

}  // namespace
}  // namespace api::testing
