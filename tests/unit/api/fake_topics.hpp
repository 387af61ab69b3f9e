#pragma once
// FakeTopics: a CustomTopics that keeps what it was told, as lines, and allows what the test says.

#include "api/custom_topics.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

class FakeTopics final : public CustomTopics {
public:
    std::vector<std::string> lines;
    std::string published = "up";     ///< may be
    std::string subscribed = "down";  ///< may be

    void put(const std::string& product_id,
             const std::vector<store::ProductTopic>& topics) override {
        std::string line = "put " + product_id;
        for (const store::ProductTopic& topic : topics) {
            line += " " + topic.suffix + (topic.may_publish ? " p" : "") +
                    (topic.may_subscribe ? " s" : "");
        }
        lines.push_back(line);
    }
    void forget(const std::string& product_id) override { lines.push_back("forget " + product_id); }
    [[nodiscard]] bool may_publish(const std::string&, std::string_view topic) const override {
        return topic == published;
    }
    [[nodiscard]] bool may_subscribe(const std::string&, std::string_view filter) const override {
        return filter == subscribed;
    }
};

}  // namespace holdfast::api
