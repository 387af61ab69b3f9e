#pragma once
// FakePolicies: a PolicyEnforcer that keeps what it was told, as lines.

#include "api/policy_enforcer.hpp"

#include <string>
#include <vector>

namespace holdfast::api {

class FakePolicies final : public PolicyEnforcer {
public:
    std::vector<std::string> lines;

    [[nodiscard]] std::optional<std::string> problem_of(std::string_view topic) const override {
        if (topic.find("##") == std::string_view::npos) return std::nullopt;
        return "it has ##";
    }
    void put(std::string_view policy_id, const std::vector<PolicyStatement>& statements) override {
        std::string line = "put " + std::string{policy_id};
        for (const PolicyStatement& statement : statements) {
            line += statement.is_allow ? " allow" : " deny";
            if (statement.is_about_publishing) line += " publish";
            if (statement.is_about_subscribing) line += " subscribe";
            for (const std::string& topic : statement.topics) line += " " + topic;
        }
        lines.push_back(line);
    }
    void remove(std::string_view policy_id) override {
        lines.push_back("remove " + std::string{policy_id});
    }
    void bind(std::string_view policy_id, PolicyTargetKind kind, std::string_view id) override {
        lines.push_back("bind " + std::string{policy_id} + " " + word(kind) + " " +
                        std::string{id});
    }
    void unbind(std::string_view policy_id, PolicyTargetKind kind, std::string_view id) override {
        lines.push_back("unbind " + std::string{policy_id} + " " + word(kind) + " " +
                        std::string{id});
    }
    void forget_target(PolicyTargetKind kind, std::string_view id) override {
        lines.push_back("forget " + word(kind) + " " + std::string{id});
    }

private:
    static std::string word(PolicyTargetKind kind) {
        constexpr const char* words[] = {"device", "product", "app"};
        return words[static_cast<std::size_t>(kind)];
    }
};

}  // namespace holdfast::api
