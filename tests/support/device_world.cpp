#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <utility>

namespace test_support {

using namespace holdfast;
using delivery::AcceptOutcome;
using delivery::DeviceMessage;
using delivery::FeedItem;
using delivery::FeedSubscription;
using delivery::MessageView;

namespace {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::debug: return "debug";
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "";
}

std::string to_text(const AcceptOutcome& outcome) {
    if (const auto* view = std::get_if<MessageView>(&outcome)) return test_support::to_text(*view);
    if (std::holds_alternative<delivery::QueueFull>(outcome)) return "queue full";
    if (std::holds_alternative<delivery::DuplicateMessageId>(outcome)) return "duplicate";
    return "store failed";
}

}  // namespace

std::string to_text(const MessageView& view) {
    return std::string{to_string(view.status)} + " " + std::string{to_string(view.cause)};
}

// --- Events

void EventSentences::on_event(const Event& event) {
    std::string sentence{name_of(event.severity)};
    for (const std::string_view word : {event.reason, event.detail}) {
        if (!word.empty()) sentence.append(" ").append(word);
    }
    sentences.push_back(std::move(sentence));
}

bool EventSentences::has(std::string_view sentence) const {
    return std::ranges::find(sentences, sentence) != sentences.end();
}

// --- Device

FakeDevice::FakeDevice(DeviceWorld& world, std::uint64_t device_number)
    : number(device_number),
      feed(world.delivery->feed(DeviceWorld::ref(device_number))),
      world_(world) {
    world_.devices.push_back(this);
}

FakeDevice::~FakeDevice() {
    if (is_attached) end();
    world_.run();
    std::erase(world_.devices, this);
    BOOST_TEST(references_ == 0);
}

void FakeDevice::attach(std::vector<FeedSubscription> subscriptions) {
    is_attached = true;
    feed->attach(*this, std::move(subscriptions), *world_.turn);
    pull();
}

void FakeDevice::detach() {
    is_attached = false;
    feed->detach(*this, *world_.turn);
}

void FakeDevice::end() {
    if (is_attached) detach();
    for (const InFlight& each : std::exchange(in_flight, {})) {
        feed->on_lost(each.item.position, *world_.turn);
    }
}

void FakeDevice::resume(std::vector<FeedSubscription> subscriptions) {
    is_attached = true;
    feed->attach(*this, std::move(subscriptions), *world_.turn);
    std::erase_if(in_flight, [this](const InFlight& each) {
        return !feed->wants_again(each.item.position, *world_.turn);
    });
    for (const InFlight& each : in_flight) take(each.item, true);
    pull();
}

void FakeDevice::subscribe(std::string filter, QoS qos) {
    feed->on_subscribed({std::move(filter), qos}, *world_.turn);
    pull();
}

void FakeDevice::unsubscribe(std::string_view filter) {
    feed->on_unsubscribed(filter, *world_.turn);
}

void FakeDevice::pull() {
    while (is_attached && feed->has_next()) {
        if (in_flight.size() >= quota) {
            feed->on_paused(delivery::Cause::send_quota_exhausted);
            return;
        }
        const std::optional<FeedItem> item = feed->next(*world_.turn);
        if (!item) return;
        last = item;
        take(*item, item->dup);
        if (item->qos == QoS::at_most_once) {
            feed->on_handed_over(item->position, *world_.turn);
            continue;
        }
        in_flight.push_back({*item, std::string{as_text(item->message->payload())}});
        if (answers) acknowledge();
    }
}

void FakeDevice::take(const FeedItem& item, bool dup) {
    if (!received_.empty()) received_ += ' ';
    received_ += as_text(item.message->payload());
    if (dup) received_ += '*';
    if (item.qos == QoS::at_most_once) received_ += "/0";
}

void FakeDevice::acknowledge(std::uint8_t reason_code) {
    BOOST_REQUIRE(!in_flight.empty());
    const store::Position position = in_flight.front().item.position;
    in_flight.erase(in_flight.begin());
    feed->on_acknowledged(position, reason_code, *world_.turn);
}

void FakeDevice::acknowledge_all() {
    while (!in_flight.empty()) acknowledge();
    pull();
}

void FakeDevice::on_feed_ready(Turn&) { pull(); }

std::string FakeDevice::received() { return std::exchange(received_, {}); }

// --- World

store::Position RecordingRecorder::record(const delivery::StatusRecord& record, store::Batch& batch) {
    std::string text{record.message_id};
    if (!record.name.empty()) text.append(" called ").append(record.name);
    text.append(" ").append(to_string(record.cause));
    const auto* const first = reinterpret_cast<const std::byte*>(text.data());
    const store::Position position{++last};
    batch.append(delivery::event_queue, position,
                 std::make_shared<const store::BytesValue>(store::Bytes{first, first + text.size()}));
    ++open;
    return position;
}

std::string DeviceWorld::recorded() {
    run();
    BOOST_TEST(recorder.open == 0U);
    std::string text;
    store.read_queue(delivery::event_queue, store::before_first, {}, executor,
                     [&](std::error_code error, const store::QueuePage& page) {
                         BOOST_TEST(!error);
                         for (const store::QueuedRecord& record : page.records) {
                             if (!text.empty()) text += ", ";
                             for (const std::byte byte : record.bytes) text += static_cast<char>(byte);
                         }
                     });
    run();
    return text;
}

DeviceWorld::DeviceWorld(delivery::DeliverySettings the_settings) : settings(the_settings) {
    start();
}

DeviceWorld::~DeviceWorld() {
    store.fail_with({});
    run();
}

void DeviceWorld::start() {
    turn = std::make_unique<Turn>(ShardIndex{0}, counters);
    turn->now = clock.current;
    turn->executor = &executor;
    delivery =
        std::make_unique<delivery::Delivery>(delivery::Delivery::Context{.store = store,
                                                                         .settings = settings,
                                                                         .clock = clock,
                                                                         .events = events,
                                                                         .composer = composer,
                                                                         .recorder = &recorder,
                                                                         .presence = &recorder});
    bool is_restored = false;
    delivery->restore(*turn, [&](std::error_code error) { is_restored = !error; });
    while (executor.waiting() > 0) executor.run_one();
    BOOST_REQUIRE(is_restored);
    check_equation();
}

void DeviceWorld::restart() {
    base_ += delivery->levels().waiting_messages;
    for (FakeDevice* device : devices) {
        device->feed.reset();
        device->in_flight.clear();
        device->is_attached = false;
    }
    delivery.reset();
    while (executor.waiting() > 0) executor.run_one();  // answers to a process that is no more
    start();
    for (FakeDevice* device : devices) device->feed = delivery->feed(ref(device->number));
}

void DeviceWorld::run() {
    while (executor.waiting() > 0) executor.run_one();
    check_equation();
}

void DeviceWorld::advance(Milliseconds time) {
    const Instant until = clock.current + time;
    while (delivery->next_deadline() <= until) {
        clock.current = std::max(clock.current, delivery->next_deadline());
        turn->now = clock.current;
        delivery->on_deadline(*turn);
        run();
    }
    clock.current = until;
    turn->now = until;
}

delivery::DeviceRef DeviceWorld::ref(std::uint64_t number) { return {number, "pump-7"}; }

DeviceMessage DeviceWorld::message(std::string_view id) {
    DeviceMessage message;
    message.message_id = id;
    message.content = id;
    message.topic = "$oc/devices/pump-7/sys/messages/down";
    return message;
}

std::size_t DeviceWorld::post(DeviceMessage message, std::uint64_t number) {
    const std::size_t index = outcomes.size();
    outcomes.emplace_back();
    delivery->accept(ref(number), std::move(message), *turn, [this, index](AcceptOutcome outcome) {
        BOOST_TEST(!outcomes[index].has_value());
        outcomes[index] = std::move(outcome);
    });
    return index;
}

std::string DeviceWorld::answer_of(std::size_t post) const {
    return outcomes[post] ? to_text(*outcomes[post]) : "";
}

std::string DeviceWorld::posted(DeviceMessage message, std::uint64_t number) {
    const std::size_t index = post(std::move(message), number);
    run();
    return answer_of(index);
}

std::optional<MessageView> DeviceWorld::view_of(std::string_view id, std::uint64_t number) {
    std::optional<MessageView> found;
    bool is_answered = false;
    delivery->find(ref(number), std::string{id}, *turn,
                   [&](std::error_code error, std::optional<MessageView> view) {
                       BOOST_TEST(!error);
                       found = std::move(view);
                       is_answered = true;
                   });
    run();
    BOOST_REQUIRE(is_answered);
    return found;
}

std::string DeviceWorld::state_of(std::string_view id, std::uint64_t number) {
    const std::optional<MessageView> view = view_of(id, number);
    return view ? test_support::to_text(*view) : "none";
}

std::string DeviceWorld::listed(delivery::ListQuery query, std::uint64_t number) {
    std::string ids;
    bool is_answered = false;
    delivery->list(ref(number), std::move(query), *turn,
                   [&](std::error_code error, const delivery::ListPage& page) {
                       BOOST_TEST(!error);
                       for (const MessageView& view : page.messages) {
                           ids += (ids.empty() ? "" : " ") + view.message.message_id;
                       }
                       if (!page.is_last) ids += " ...";
                       is_answered = true;
                   });
    run();
    BOOST_REQUIRE(is_answered);
    return ids;
}

bool DeviceWorld::cancel(std::string_view id, std::uint64_t number) {
    std::optional<bool> was_there;
    delivery->cancel(ref(number), std::string{id}, *turn, [&](std::error_code error, bool found) {
        BOOST_TEST(!error);
        was_there = found;
    });
    run();
    BOOST_REQUIRE(was_there.has_value());
    return *was_there;
}

void DeviceWorld::check_equation() const {
    const std::uint64_t in =
        count(Counter::device_messages_accepted) + count(Counter::device_messages_restored);
    const std::uint64_t out =
        count(Counter::device_messages_delivered) + count(Counter::device_messages_expired) +
        count(Counter::device_messages_cancelled) + count(Counter::device_messages_refused) +
        count(Counter::device_messages_dropped_queue_full) +
        count(Counter::device_messages_dropped_packet_too_large) +
        count(Counter::device_messages_dropped_device_offline) +
        count(Counter::device_messages_dropped_not_subscribed) +
        count(Counter::device_messages_dropped_device_deleted) +
        count(Counter::device_messages_unreadable);
    BOOST_TEST(in == base_ + out + delivery->levels().waiting_messages);
}

}  // namespace test_support
