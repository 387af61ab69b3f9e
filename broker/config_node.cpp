#include "config_node.hpp"

#include "suggestion.hpp"

#include <algorithm>

namespace holdfast {

void ConfigNode::check_key(const toml::key& key, std::span<const std::string_view> known,
                           const std::string& otherwise) const {
    const std::string_view name = key.str();
    if (std::ranges::find(known, name) != known.end()) return;
    fail_at(source_name, key.source().begin, path + "." + std::string{name}, "there is no such key",
            suggest(name, known, otherwise));
}

bool ConfigNode::flag() const {
    const auto value = node.value_exact<bool>();
    if (!value) fail("is not a truth value", "write true or false, without quotes");
    return *value;
}

std::string ConfigNode::text(const std::string& remedy) const {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) fail("is not a text, or is empty", remedy);
    return *value;
}

std::vector<std::string> ConfigNode::texts(const std::string& remedy) const {
    const toml::array* const array = node.as_array();
    if (array == nullptr || array->empty()) fail("is not a list, or is empty", remedy);
    std::vector<std::string> texts;
    for (const toml::node& element : *array) {
        texts.push_back(ConfigNode{source_name, path, element}.text(remedy));
    }
    return texts;
}

std::size_t ConfigNode::index_of_word(std::span<const std::string_view> words) const {
    const std::string text = node.value_or(std::string{});
    const auto word = std::ranges::find(words, text);
    if (word == words.end()) {
        std::string remedy = "write one of";
        for (const std::string_view known : words) remedy.append(" ").append(in_quotes(known));
        fail(in_quotes(text) + " is not known", suggest(text, words, remedy));
    }
    return static_cast<std::size_t>(word - words.begin());
}

}  // namespace holdfast
