#pragma once

// From what is to be sent to a message in plain words: what failed, why, what happens next, who
// waits, and where to look. Pure.
//
// A rule may have words of its own, templates over the same facts (SampleOfWords): title and text
// are the usual words.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "notify/message.h"
#include "notify/outbox.h"
#include "notify/routes.h"
#include "template/template.h"

namespace notify {

// `error`: the last lines of the step's error; "" where there are none.
Message MessageOf(const Outbox::Sending& sending, const Routes& routes, const std::string& error);

// What templates of a rule may use: for Check.
const tmpl::Context& SampleOfWords();

}  // namespace notify
