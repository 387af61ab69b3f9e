#pragma once
// The options and words of a command line, told apart, for commands that parse their own. A value.
// Threads: any.

#include "command_line.hpp"

#include <boost/system/result.hpp>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The options that take no value have an empty one.
struct CommandWords {
    std::map<std::string, std::string, std::less<>> options;
    std::vector<std::string> words;

    [[nodiscard]] std::string value(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return options.contains(name); }
};

/// `otherwise`: where to read more, at the end of what is wrong.
[[nodiscard]] boost::system::result<CommandWords, UsageError> split_words(
    std::span<const std::string> arguments, std::span<const std::string_view> with_value,
    std::span<const std::string_view> flags, const std::string& otherwise);

[[nodiscard]] bool wants_help(std::span<const std::string> arguments);

}  // namespace holdfast
