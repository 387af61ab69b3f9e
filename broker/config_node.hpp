#pragma once
// One value of a configuration file with the place where it stands: reads plain values, and refuses with
// ConfigError what is none. A part of the readers behind parse_config; lives no longer than the file's tree.

#include "config.hpp"

#include <toml++/toml.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    return "\"" + std::string{text} + "\"";
}

/// Throws the ConfigError.
[[noreturn]] void fail_at(const std::string& source_name, const toml::source_position& position,
                          const std::string& key, const std::string& problem,
                          const std::string& remedy);

[[noreturn]] inline void fail_at(const std::string& source_name, const toml::node& node,
                                 const std::string& key, const std::string& problem,
                                 const std::string& remedy) {
    fail_at(source_name, node.source().begin, key, problem, remedy);
}

struct ConfigNode {
    const std::string& source_name;
    const std::string path;  ///< of keys: "mqtt.listeners.port"
    const toml::node& node;

    [[noreturn]] void fail(const std::string& problem, const std::string& remedy) const {
        fail_at(source_name, node, path, problem, remedy);
    }
    /// The value of a key of this table.
    [[nodiscard]] ConfigNode of(std::string_view name, const toml::node& value) const {
        return {source_name, path + "." + std::string{name}, value};
    }
    /// Refuses a key that is none of `known`.
    void check_key(const toml::key& key, std::span<const std::string_view> known,
                   const std::string& otherwise) const;

    [[nodiscard]] bool flag() const;
    /// Not empty.
    [[nodiscard]] std::string text(const std::string& remedy) const;
    [[nodiscard]] std::vector<std::string> texts(const std::string& remedy) const;
    /// Of an enumeration whose values are said by `words`, in order.
    template <class Enum>
    [[nodiscard]] Enum word(std::span<const std::string_view> words) const {
        return static_cast<Enum>(index_of_word(words));
    }

private:
    [[nodiscard]] std::size_t index_of_word(std::span<const std::string_view> words) const;
};

}  // namespace holdfast
