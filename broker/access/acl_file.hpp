#pragma once
// Mosquitto's ACL files, read as they are (mosquitto.conf(5), acl_file):
//
//   topic [read|write|readwrite|deny] <filter>      of the user above, or of clients without a name
//   user <name>
//   pattern [read|write|readwrite|deny] <filter>    of everybody; %c the client identifier, %u the user name
//   # a comment
//
// Decided as Mosquitto does: the client's own lines before the patterns, in both the denials first; what no
// line allows is denied. Errors: FileError. Threads: any.

#include "access/file_error.hpp"
#include "access/rules.hpp"

#include <string>
#include <string_view>

namespace holdfast::access {

[[nodiscard]] Loaded<RuleSet> parse_acl_file(std::string_view text, const std::string& file);

}  // namespace holdfast::access
