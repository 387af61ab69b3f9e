#include "command_words.hpp"

#include "suggestion.hpp"

#include <algorithm>

namespace holdfast {

std::string CommandWords::value(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::string{} : found->second;
}

boost::system::result<CommandWords, UsageError> split_words(
    std::span<const std::string> arguments, std::span<const std::string_view> with_value,
    std::span<const std::string_view> flags, const std::string& otherwise) {
    CommandWords words;
    for (auto word = arguments.begin(); word != arguments.end(); ++word) {
        if (!word->starts_with("--") || *word == "--") {
            words.words.push_back(*word);
            continue;
        }
        const std::size_t equals = word->find('=');
        const std::string name = word->substr(2, equals == std::string::npos ? equals : equals - 2);
        if (words.has(name)) return UsageError{"--" + name + " stands there twice; " + otherwise};
        if (std::ranges::find(flags, name) != flags.end()) {
            words.options.emplace(name, "");
            continue;
        }
        if (std::ranges::find(with_value, name) == with_value.end()) {
            return UsageError{"there is no option `--" + name + "`; " +
                              suggest(name, with_value, otherwise)};
        }
        if (equals != std::string::npos) {
            words.options.emplace(name, word->substr(equals + 1));
        } else if (++word != arguments.end()) {
            words.options.emplace(name, *word);
        } else {
            return UsageError{"--" + name + " needs a value; " + otherwise};
        }
    }
    return words;
}

bool wants_help(std::span<const std::string> arguments) {
    return std::ranges::any_of(
        arguments, [](const std::string& word) { return word == "--help" || word == "-h"; });
}

}  // namespace holdfast
