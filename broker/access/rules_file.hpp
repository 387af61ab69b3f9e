#pragma once
// Our own files of rules, TOML: a list of [[rules]], of which the first that speaks of a request decides.
//
//   [[rules]]
//   who = "user:alice"              or "*", "users", "devices", "anonymous", "client:ID", "listener:PORT",
//                                   or a list of them
//   allow = ["publish"]             or deny = [...]: publish, subscribe, receive, readwrite (all three)
//   topics = ["plant/${username}/#"]
//   qos_max = 1                     with allow: speaks of no higher QoS
//   retain = false                  speaks only of publications with or without the RETAIN flag
//
// Errors: FileError, for anything that is not understood. Threads: any.

#include "access/file_error.hpp"
#include "access/rules.hpp"

#include <string>
#include <string_view>

namespace holdfast::access {

[[nodiscard]] Loaded<RuleSet> parse_rules_file(std::string_view text, const std::string& file);

}  // namespace holdfast::access
