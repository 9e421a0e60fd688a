#include "api/map_board.h"

#include <utility>

namespace api {

namespace {

// Wall times. Forecasts, quotas and the clock change what is shown, too.
constexpr base::Duration kFresh = base::seconds(1);
constexpr base::Duration kLeastPause = base::milliseconds(50);
// That are asked about before the loop does something else.
constexpr size_t kAskedAtOnce = 32;

}  // namespace

void MapBoard::Get(Done done) {
  const bool is_latest = seq_ == views_.History().newest();
  // `seq_` is that of the picture which is being made: the one before it is old.
  if (is_latest && !served_.empty())
    return served_.push_back(std::move(done));
  if (is_latest && picture_ != nullptr && is_fresh_)
    return done(picture_);
  waiting_.push_back(std::move(done));
  if (!is_making_)
    Make();
}

void MapBoard::Make() {
  is_making_ = true;
  seq_ = views_.History().newest();
  served_ = std::exchange(waiting_, {});
  desk_.Read<Rows>(
      ReadDesk::Turn::kUsual,
      nullptr,  // map.cc shows what the caller sees
      [](const Reading& reading) -> base::Result<Rows> {
        ASSIGN_OR_RETURN(MapRows rows, ReadMap(reading));
        return std::make_shared<const MapRows>(std::move(rows));
      },
      [board = weak_from_this()](const base::Result<Rows>& rows) {
        if (const auto self = board.lock())
          self->OnRows(rows);
      });
}

void MapBoard::OnRows(const base::Result<Rows>& rows) {
  if (!rows)
    return OnMade(base::Fail(rows.error()));
  rows_ = *rows;
  const auto before = std::exchange(asked_, {});
  to_ask_.clear();
  for (const auto& [job, state] : rows_->OpenJobs()) {
    const auto known = before.find(job);
    if (are_asked_old_ || known == before.end() || known->second.state != state)
      to_ask_.emplace_back(job, state);
    else
      asked_.insert(*known);
  }
  if (std::exchange(are_asked_old_, false))
    asked_timer_ = views_.After(kFresh, [this] { are_asked_old_ = true; });
  AskNext();
}

void MapBoard::AskNext() {
  std::vector<model::JobKey> jobs;
  for (; !to_ask_.empty() && jobs.size() < kAskedAtOnce; to_ask_.pop_back()) {
    const auto& [job, state] = to_ask_.back();
    jobs.push_back(job);
    asked_[job].state = state;
  }
  for (const auto& [job, view] : views_.JobsNow(jobs))
    asked_[job].view = view;
  if (to_ask_.empty())
    return Write();
  ask_timer_ = views_.After(base::Duration(0), [this] { AskNext(); });
}

void MapBoard::Write() {
  runtime::JobViews views;
  for (const auto& [job, asked] : asked_)
    views.emplace(job, asked.view);
  desk_.Read<Picture>(
      ReadDesk::Turn::kFirst,
      nullptr,
      [rows = std::exchange(rows_, nullptr),
       views = std::move(views)](const Reading& reading) -> base::Result<Picture> {
        return std::make_shared<const MapTexts>(MakeTexts(*rows, reading.now, views));
      },
      [board = weak_from_this()](const base::Result<Picture>& made) {
        if (const auto self = board.lock())
          self->OnMade(made);
      });
}

void MapBoard::OnMade(const base::Result<Picture>& made) {
  picture_ = made ? *made : nullptr;
  is_fresh_ = made.has_value();
  fresh_timer_ = views_.After(kFresh, [this] { is_fresh_ = false; });
  pause_timer_ = views_.After(kLeastPause, [this] {
    is_making_ = false;
    if (!waiting_.empty())
      Make();
  });
  for (const Done& done : std::exchange(served_, {}))
    done(made);
}

}  // namespace api
