#pragma once

// One function a target: bytes from nobody knows where into a parser of ours, and what must hold
// for the answer. A broken promise aborts (CHECK); so do the sanitizers. The answer must depend on
// the bytes alone, so that a crash can be replayed: no clock, no files, no state between calls.
//
// Built twice: as libFuzzer programs (libfuzzer.cc.in) and into fuzz_corpus_test.

#include <string_view>

namespace fuzz {

void FuzzAwsError(std::string_view bytes);
void FuzzCron(std::string_view bytes);
void FuzzDag(std::string_view bytes);
void FuzzEmrEvent(std::string_view bytes);
void FuzzEmrReply(std::string_view bytes);
void FuzzFaultPlan(std::string_view bytes);
void FuzzHttpRequest(std::string_view bytes);
void FuzzHttpResponse(std::string_view bytes);
void FuzzIdToken(std::string_view bytes);
void FuzzIni(std::string_view bytes);
void FuzzSigV4(std::string_view bytes);
void FuzzSmtpReply(std::string_view bytes);
void FuzzStateItem(std::string_view bytes);
void FuzzTemplate(std::string_view bytes);
void FuzzXml(std::string_view bytes);
void FuzzYaml(std::string_view bytes);
void FuzzZone(std::string_view bytes);

}  // namespace fuzz
