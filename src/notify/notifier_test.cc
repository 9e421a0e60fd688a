#include "notify/notifier.h"

#include <gtest/gtest.h>

namespace notify {
namespace {

TEST(NotifierType, HasOneWordEach) {
  for (const NotifierType type : {NotifierType::kSlack,
                                  NotifierType::kWebhook,
                                  NotifierType::kSmtp,
                                  NotifierType::kSns,
                                  NotifierType::kPagerDuty})
    EXPECT_EQ(ParseNotifierType(ToString(type)), type);
  EXPECT_EQ(ParseNotifierType("pager"), std::nullopt);
}

}  // namespace
}  // namespace notify
