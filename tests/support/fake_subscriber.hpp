#pragma once
// FakeSubscriber: a session as router sees it, without one: a number and a switch for "connected".

#include "router/subscriber.hpp"

#include <cstdint>

namespace test_support {

class FakeSubscriber final : public holdfast::router::Subscriber {
public:
    explicit FakeSubscriber(std::uint64_t number = 1, bool connected = true)
        : is_online(connected), number_(number) {}

    [[nodiscard]] holdfast::SessionNumber number() const override {
        return static_cast<holdfast::SessionNumber>(number_);
    }
    holdfast::router::DeliveryOutcome deliver(const holdfast::MessagePtr&,
                                              const holdfast::router::Delivery&,
                                              holdfast::Turn&) override {
        ++delivered;
        return holdfast::router::DeliveryOutcome::accepted;
    }
    [[nodiscard]] bool is_connected() const override { return is_online; }

    bool is_online;
    int delivered = 0;

private:
    std::uint64_t number_;
};

}  // namespace test_support
