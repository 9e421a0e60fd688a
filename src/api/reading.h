#pragma once

// How handlers read: off the loop thread, from rows and from values that were taken on it before.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "api/dag_cache.h"
#include "api/reply.h"
#include "api/sight.h"
#include "base/result.h"
#include "runtime/views.h"
#include "store/store.h"

namespace api {

// What a handler reads, on a thread of its own.
struct Reading {
  store::Reader& rows;
  const runtime::Published& now;
  DagCache& dags;

  base::Result<std::shared_ptr<const model::Dag>> Dag(const model::VersionId& version) const {
    return dags.Get(rows, version);
  }
};

// An answer that shows jobs: their rows are read first, then what the driver's memory knows of
// these jobs is taken on the loop, then the answer is made of both, off the loop again.
struct JobsRead {
  std::vector<model::JobKey> jobs;
  std::function<Reply(const runtime::JobViews& jobs)> answer;
};

class ReadDesk {
 public:
  using Turn = runtime::ReadPool::Turn;

  explicit ReadDesk(const runtime::Views& views) : views_(views) {}

  // `read` runs off the loop, `done` on it. What `read` has captured is its own. It reads what the
  // caller sees.
  template <typename T>
  void Read(Turn turn,
            SightPtr sight,
            std::function<base::Result<T>(const Reading&)> read,
            std::function<void(base::Result<T>)> done) const {
    auto out = std::make_shared<base::Result<T>>();
    views_.Read(
        turn,
        [out,
         read = std::move(read),
         sight = std::move(sight),
         now = views_.Publish(),
         dags = dags_](store::Reader& rows) {
          const std::unique_ptr<store::Reader> seen = SeenBy(sight, rows);
          *out = read(Reading{seen ? *seen : rows, now, *dags});
        },
        [out, done = std::move(done)](const base::Status& status) {
          done(status ? std::move(*out) : base::Fail(status.error()));
        });
  }

  // `finish` makes of the answer what `done` gets. Of what the memory knows the caller sees no more
  // than of rows.
  template <typename T>
  void ReadJobs(Turn turn,
                SightPtr sight,
                std::function<base::Result<JobsRead>(const Reading&)> read,
                std::function<T(Reply)> finish,
                std::function<void(base::Result<T>)> done) const {
    Read<JobsRead>(turn,
                   sight,
                   std::move(read),
                   [this, sight, finish = std::move(finish), done = std::move(done)](
                       base::Result<JobsRead> jobs) mutable {
                     if (!jobs)
                       return done(base::Fail(jobs.error()));
                     // It reads no rows any more.
                     Read<T>(
                         Turn::kFirst,
                         nullptr,
                         [jobs = std::move(jobs->answer),
                          views = Seen(sight, views_.JobsNow(jobs->jobs)),
                          finish = std::move(finish)](const Reading&) -> base::Result<T> {
                           return finish(jobs(views));
                         },
                         std::move(done));
                   });
  }

 private:
  const runtime::Views& views_;
  // Shared with reads that outlive this.
  const std::shared_ptr<DagCache> dags_ = std::make_shared<DagCache>(200'000);
};

}  // namespace api
