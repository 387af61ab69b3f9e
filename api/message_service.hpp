#pragma once
// MessageService: what the message endpoints need of delivery, and no more, so that they can be tested
// with another one. DeliveryService is the real one. Signatures and promises are delivery.hpp's.
// Threads: as Delivery's. Lifetime: outlives the routes.

#include "delivery/delivery.hpp"

#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace holdfast::api {

class MessageService {
public:
    using Accepted = std::function<void(delivery::AcceptOutcome)>;
    using Listed = std::function<void(std::error_code, delivery::ListPage)>;
    using Found = std::function<void(std::error_code, std::optional<delivery::MessageView>)>;
    using Cancelled = std::function<void(std::error_code, bool)>;
    using Events = std::vector<delivery::TraceEvent>;
    using Traced = std::function<void(std::error_code, std::optional<Events>)>;

    virtual ~MessageService() = default;

    virtual void accept(delivery::DeviceRef device, delivery::DeviceMessage message, Turn& turn,
                        Accepted done) = 0;
    virtual void list(delivery::DeviceRef device, delivery::ListQuery query, Turn& turn,
                      Listed done) = 0;
    virtual void find(delivery::DeviceRef device, std::string message_id, Turn& turn,
                      Found done) = 0;
    virtual void cancel(delivery::DeviceRef device, std::string message_id, Turn& turn,
                        Cancelled done) = 0;
    virtual void trace(delivery::DeviceRef device, std::string message_id, Turn& turn,
                       Traced done) = 0;
};

class DeliveryService final : public MessageService {
public:
    explicit DeliveryService(delivery::Delivery& delivery) : delivery_(delivery) {}

    void accept(delivery::DeviceRef device, delivery::DeviceMessage message, Turn& turn,
                Accepted done) override {
        delivery_.accept(device, std::move(message), turn, std::move(done));
    }
    void list(delivery::DeviceRef device, delivery::ListQuery query, Turn& turn,
              Listed done) override {
        delivery_.list(device, std::move(query), turn, std::move(done));
    }
    void find(delivery::DeviceRef device, std::string message_id, Turn& turn, Found done) override {
        delivery_.find(device, std::move(message_id), turn, std::move(done));
    }
    void cancel(delivery::DeviceRef device, std::string message_id, Turn& turn,
                Cancelled done) override {
        delivery_.cancel(device, std::move(message_id), turn, std::move(done));
    }
    void trace(delivery::DeviceRef device, std::string message_id, Turn& turn,
               Traced done) override {
        delivery_.trace(device, std::move(message_id), turn, std::move(done));
    }

private:
    delivery::Delivery& delivery_;
};

}  // namespace holdfast::api
