#pragma once
// A MessageService that answers what the test says and keeps what it was asked.

#include "api/message_service.hpp"

#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::api {

class FakeMessages final : public MessageService {
public:
    struct Post {
        std::uint64_t device_number;
        std::string device_id;
        delivery::DeviceMessage message;
    };

    std::optional<delivery::AcceptOutcome> outcome;  ///< empty: the message, pending
    std::error_code failure;                         ///< of everything that is not a post
    std::vector<delivery::MessageView> messages;     ///< to list, find, cancel and trace
    bool holds_posts = false;                        ///< until answer_held()
    std::vector<Post> posts;
    std::vector<delivery::ListQuery> queries;

    void accept(delivery::DeviceRef device, delivery::DeviceMessage message, Turn&,
                Accepted done) override {
        posts.push_back({device.number, std::string{device.device_id}, message});
        delivery::MessageView view;
        view.message = std::move(message);
        const delivery::AcceptOutcome answer = outcome.value_or(delivery::AcceptOutcome{view});
        if (holds_posts) {
            held_.emplace_back([done = std::move(done), answer] { done(answer); });
        } else {
            done(answer);
        }
    }
    void answer_held() {
        for (const auto& answer : std::exchange(held_, {})) answer();
    }
    void list(delivery::DeviceRef, delivery::ListQuery query, Turn&, Listed done) override {
        queries.push_back(std::move(query));
        done(failure, {messages, true});
    }
    void find(delivery::DeviceRef, std::string message_id, Turn&, Found done) override {
        const auto* const view = lookup(message_id);
        done(failure, view == nullptr ? std::nullopt : std::optional{*view});
    }
    void cancel(delivery::DeviceRef, std::string message_id, Turn&, Cancelled done) override {
        done(failure, std::erase_if(messages, [&](const delivery::MessageView& view) {
                          return view.message.message_id == message_id;
                      }) != 0);
    }
    void trace(delivery::DeviceRef, std::string message_id, Turn&, Traced done) override {
        const bool is_there = lookup(message_id) != nullptr;
        done(failure, is_there ? std::optional{Events{delivery::TraceEvent{}}} : std::nullopt);
    }

private:
    [[nodiscard]] const delivery::MessageView* lookup(const std::string& message_id) const {
        for (const delivery::MessageView& view : messages) {
            if (view.message.message_id == message_id) return &view;
        }
        return nullptr;
    }

    std::vector<std::function<void()>> held_;
};

}  // namespace holdfast::api
