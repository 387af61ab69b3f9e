#include "sim/session_model.hpp"

#include "base/topic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace sim {

using namespace holdfast;

namespace {

constexpr std::string_view shared_prefix = "$share/g/";

std::string_view matched_part(const std::string& filter) {
    return is_shared_filter(filter) ? std::string_view{filter}.substr(shared_prefix.size())
                                    : std::string_view{filter};
}

bool is_shared_topic(std::string_view topic) { return topic.starts_with("s/"); }

/// The value behind "name=" in a text of words, empty when there is none.
std::string_view field(std::string_view text, std::string_view name) {
    for (std::size_t at = text.find(name); at != std::string_view::npos;
         at = text.find(name, at + 1)) {
        const std::size_t start = at + name.size();
        if (at == 0 || text[at - 1] != ' ' || start >= text.size() || text[start] != '=') continue;
        return text.substr(start + 1, text.find(' ', start) - start - 1);
    }
    return {};
}

int number_in(std::string_view text, std::string_view name) {
    const std::string_view digits = field(text, name);
    return digits.empty() ? 0 : std::stoi(std::string{digits});
}

bool has_word(std::string_view text, std::string_view word) {
    return (std::string{text} + " ").find(" " + std::string{word} + " ") != std::string::npos;
}

SeenPublish taken_apart(std::string_view text) {
    return {.qos = text[9] - '0',
            .dup = has_word(text, "dup"),
            .retain = has_word(text, "retain"),
            .packet_id = static_cast<PacketId>(number_in(text, "id")),
            .alias = static_cast<std::uint16_t>(number_in(text, "alias")),
            .topic = std::string{field(text, "topic")},
            .number = number_in(text, "payload")};
}

}  // namespace

// --- Sessions and connections

void SessionModel::set_now(Instant now) {
    for (;;) {
        const auto is_sooner = [](const Client& a, const Client& b) {
            return a.session.expires_at < b.session.expires_at;
        };
        const auto next = std::min_element(clients_.begin(), clients_.end(), is_sooner);
        if (next->session.expires_at > now) break;
        now_ = next->session.expires_at;
        end_session(static_cast<std::size_t>(next - clients_.begin()));
    }
    now_ = now;
}

void SessionModel::on_connect(std::size_t number, const ConnectChoice& choice) {
    ++step_;
    Client& client = clients_[number];
    // A session of expiry 0 ends with its connection, by takeover too.
    const bool ends =
        client.session.exists && (choice.clean_start || client.session.expiry == Seconds{0});
    if (ends) end_session(number);
    Session& session = client.session;
    client.expected.clear();
    expect(number, session.exists ? "CONNACK session_present success" : "CONNACK success");
    if (!session.exists) client.pending.clear();
    session.exists = true;
    session.expiry = choice.expiry;
    session.expires_at = never;
    client.choice = choice;
    client.connection = ++last_connection_;
    client.answers.clear();
    client.outstanding.clear();
    client.aliases.clear();
    client.last_order_again = 0;
    for (auto& [packet_id, pending] : client.pending) pending.is_released = false;
    for (Owed& owed : session.line) {
        if (owed.first_connection == 0) owed.first_connection = client.connection;
        owed.was_connection_lost |= owed.first_connection != client.connection;
    }
    for (auto& [key, walk] : session.walks) walk.is_sure &= walk.qos > 0;
}

void SessionModel::on_connection_lost(std::size_t number) {
    ++step_;
    Client& client = clients_[number];
    client.connection = 0;
    client.expected.clear();
    client.answers.clear();
    Session& session = client.session;
    for (Owed& owed : session.line) owed.was_connection_lost = true;
    for (auto& [key, walk] : session.walks) walk.is_sure &= walk.qos > 0;
    if (session.expiry == Seconds{0}) {
        end_session(number);
        return;
    }
    session.expires_at = deadline_after(now_, session.expiry);
    // Another connected member gets what was not acknowledged with QoS 1.
    std::erase_if(session.in_flight, [&](const auto& entry) {
        const auto& [packet_id, in_flight] = entry;
        const Shared* shared = find_shared(in_flight.number);
        if (shared == nullptr || in_flight.qos != 1) return false;
        if (!session.filters.contains(shared->group)) return false;
        if (!has_other_member(shared->group, number, true)) return false;
        give_back_shared(number, in_flight);
        return true;
    });
}

void SessionModel::end_session(std::size_t number) {
    Session ended = std::move(clients_[number].session);
    clients_[number].session = Session{};
    totals_.missing += ended.line.size();
    for (const auto& [packet_id, entry] : ended.in_flight) {
        if (entry.is_released || entry.is_retained) continue;
        const Shared* shared = find_shared(entry.number);
        const bool is_moved =
            shared != nullptr && entry.qos == 1 && has_other_member(shared->group, number, false);
        if (is_moved) {
            give_back_shared(number, entry);
        } else {
            ++totals_.missing;
            if (shared != nullptr) forget_shared(number, entry.number);
        }
    }
    for (Shared& shared : shared_) {
        // QoS 2 on its way to a client that did not read stays with that client.
        const bool may_be_with_it = ended.did_not_read && message(shared.number).qos == 2;
        const bool is_group_empty = !has_other_member(shared.group, nobody, false);
        if (is_group_empty || may_be_with_it) shared.may_vanish = true;
    }
}

bool SessionModel::has_other_member(const std::string& group, std::size_t number,
                                    bool is_connected_only) const {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        if (i == number || !clients_[i].session.filters.contains(group)) continue;
        if (!is_connected_only || is_connected(i)) return true;
    }
    return false;
}

// --- Requests

void SessionModel::on_subscribe(std::size_t number, const std::string& filter, int qos) {
    ++step_;
    Session& session = clients_[number].session;
    session.filters[filter] = qos;
    expect(number, "SUBACK id=1 [" + std::to_string(qos) + "]");
    if (is_shared_filter(filter)) return;
    // What an earlier SUBSCRIBE of the filter asked for may be on its way, or starts afresh with this one.
    for (auto& [key, walk] : session.walks) walk.is_sure &= key.first != filter;
    for (const auto& [topic, retained] : retained_) {
        if (!topic_matches(filter, topic) || is_expired(retained)) continue;
        const Walk walk{step_, std::min(qos, message(retained).qos), true};
        session.walks.emplace(std::pair{filter, retained}, walk);
    }
}

void SessionModel::on_unsubscribe(std::size_t number, const std::string& filter) {
    ++step_;
    Session& session = clients_[number].session;
    const bool was_there = session.filters.erase(filter) > 0;
    std::string text = "UNSUBACK id=1";
    if (is_v5(number)) text += was_there ? " [success]" : " [no_subscription_existed]";
    expect(number, text);
    for (auto& [key, walk] : session.walks) {
        if (key.first == filter) walk.is_sure = false;
    }
}

void SessionModel::on_publish(std::size_t number, PacketId packet_id, const Message& message,
                              bool is_retained, bool is_refused) {
    ++step_;
    messages_.push_back(message);
    if (is_retained) retain(message);
    const std::size_t matched = give(message);
    if (message.qos == 0) return;
    Client& client = clients_[number];
    client.pending[packet_id] = {.number = message.number, .qos = message.qos};
    answer_publish(number, packet_id, message.qos, matched, is_refused);
}

void SessionModel::on_publish_again(std::size_t number, PacketId packet_id, bool is_refused) {
    ++step_;
    const Pending& pending = clients_[number].pending.at(packet_id);
    if (pending.qos == 2 && clients_[number].session.inbound.contains(packet_id)) {
        expect(number, "PUBREC id=" + std::to_string(packet_id));
        return;
    }
    const std::size_t matched = give(message(pending.number));
    answer_publish(number, packet_id, pending.qos, matched, is_refused);
}

void SessionModel::answer_publish(std::size_t number, PacketId packet_id, int qos,
                                  std::size_t matched, bool is_refused) {
    std::string text = (qos == 1 ? "PUBACK id=" : "PUBREC id=") + std::to_string(packet_id);
    if (is_v5(number) && is_refused) {
        text += " quota_exceeded";
    } else if (is_v5(number) && matched == 0) {
        text += " no_matching_subscribers";
    }
    expect(number, text);
    const bool is_kept = !is_refused || !is_v5(number);
    if (qos == 2 && is_kept) clients_[number].session.inbound.insert(packet_id);
}

/// Everybody with a matching subscription is owed the message from now on.
std::size_t SessionModel::give(const Message& message) {
    std::size_t matched = 0;
    std::set<std::string> groups;
    for (Client& client : clients_) {
        int granted = -1;
        for (const auto& [filter, qos] : client.session.filters) {
            if (!topic_matches(matched_part(filter), message.topic)) continue;
            if (is_shared_filter(filter)) {
                groups.insert(filter);
            } else {
                granted = std::max(granted, qos);
            }
        }
        if (granted < 0) continue;
        ++matched;
        ++totals_.accepted;
        const int qos = std::min(granted, message.qos);
        if (qos == 0 && client.connection == 0) {
            ++totals_.missing;
        } else {
            client.session.line.push_back({message.number, qos, step_, client.connection});
        }
    }
    for (const std::string& group : groups) {
        ++totals_.accepted;
        shared_.push_back({message.number, group, nobody});
    }
    return matched + groups.size();
}

void SessionModel::retain(const Message& message) {
    const auto before = retained_.find(message.topic);
    if (before != retained_.end()) {
        for (Client& client : clients_) {
            for (auto& [key, walk] : client.session.walks) {
                if (key.second == before->second) walk.is_sure = false;
            }
        }
    }
    retained_[message.topic] = message.number;
}

void SessionModel::on_pubrel(std::size_t number, PacketId packet_id) {
    ++step_;
    Client& client = clients_[number];
    client.pending.at(packet_id).is_released = true;
    std::string text = "PUBCOMP id=" + std::to_string(packet_id);
    const bool was_known = client.session.inbound.erase(packet_id) > 0;
    if (!was_known && is_v5(number)) text += " packet_identifier_not_found";
    expect(number, text);
}

void SessionModel::on_answer(std::size_t number, const Answer& answer, bool is_error) {
    ++step_;
    Client& client = clients_[number];
    auto& in_flight = client.session.in_flight;
    const auto found = in_flight.find(answer.packet_id);
    BOOST_REQUIRE(found != in_flight.end());
    InFlight& entry = found->second;
    if (answer.kind != Answer::Kind::pubcomp) {
        ++(is_error ? totals_.refused : totals_.acknowledged);
        if (!entry.is_retained) forget_shared(number, entry.number);
    }
    if (answer.kind == Answer::Kind::pubrec && !is_error) {
        entry.is_released = true;
        expect(number, "PUBREL id=" + std::to_string(answer.packet_id));
        return;
    }
    client.outstanding.erase(answer.packet_id);
    in_flight.erase(found);
}

// --- Shared subscriptions

SessionModel::Shared* SessionModel::find_shared(int number) {
    const auto found = std::ranges::find(shared_, number, &Shared::number);
    return found == shared_.end() ? nullptr : &*found;
}

/// What `client` held goes to another member.
void SessionModel::give_back_shared(std::size_t client, const InFlight& entry) {
    for (Shared& shared : shared_) {
        if (shared.number == entry.number && shared.holder == client) {
            shared.holder = nobody;
            return;
        }
    }
}

void SessionModel::forget_shared(std::size_t client, int number) {
    if (!is_shared_topic(message(number).topic)) return;
    const auto found = std::find_if(shared_.begin(), shared_.end(), [&](const Shared& shared) {
        return shared.number == number && shared.holder == client;
    });
    BOOST_REQUIRE(found != shared_.end());
    shared_.erase(found);
}

// --- What the server sends

void SessionModel::on_sent(std::size_t number, std::string_view text) {
    BOOST_TEST_CONTEXT("client " << number << " got " << text) {
        Client& client = clients_[number];
        const bool is_first =
            !client.expected.empty() && client.expected.front().starts_with("CONNACK");
        if (is_first) {
            on_answer_seen(number, text);
        } else if (text.starts_with("PUBLISH")) {
            SeenPublish seen = taken_apart(text);
            if (!seen.topic.empty() && seen.alias != 0) client.aliases[seen.alias] = seen.topic;
            if (seen.topic.empty()) seen.topic = client.aliases[seen.alias];
            on_publish_seen(number, seen);
        } else if (text.starts_with("PUBREL")) {
            on_pubrel_seen(number, text, static_cast<PacketId>(number_in(text, "id")));
        } else {
            on_answer_seen(number, text);
        }
    }
}

void SessionModel::on_answer_seen(std::size_t number, std::string_view text) {
    Client& client = clients_[number];
    BOOST_REQUIRE(!client.expected.empty());
    BOOST_REQUIRE_EQUAL(client.expected.front(), text);
    client.expected.pop_front();
    const auto packet_id = static_cast<PacketId>(number_in(text, "id"));
    if (text.starts_with("PUBACK") || text.starts_with("PUBCOMP")) client.pending.erase(packet_id);
    if (!text.starts_with("PUBREC")) return;
    if (has_word(text, "quota_exceeded")) {
        client.pending.erase(packet_id);
    } else {
        client.pending.at(packet_id).is_received = true;
    }
}

void SessionModel::on_pubrel_seen(std::size_t number, std::string_view text, PacketId packet_id) {
    Client& client = clients_[number];
    const auto found = client.session.in_flight.find(packet_id);
    BOOST_REQUIRE(found != client.session.in_flight.end());
    InFlight& entry = found->second;
    BOOST_REQUIRE(entry.is_released);
    if (entry.connection == client.connection) {
        on_answer_seen(number, text);
    } else {
        entry.connection = client.connection;
        check_order_again(client, entry.order);
    }
    client.answers.push_back({Answer::Kind::pubcomp, packet_id});
}

void SessionModel::on_publish_seen(std::size_t number, const SeenPublish& seen) {
    BOOST_REQUIRE(seen.number < next_number());
    BOOST_REQUIRE_EQUAL(seen.topic, message(seen.number).topic);
    Client& client = clients_[number];
    auto& in_flight = client.session.in_flight;
    const auto known = in_flight.find(seen.packet_id);
    if (!seen.dup) check_all_sent_again(client);
    if (seen.qos == 0) {
        BOOST_REQUIRE(!seen.dup);
        ++totals_.qos_0_seen;
        settle_owed(number, seen);
        return;
    }
    if (known != in_flight.end()) {
        on_publish_seen_again(number, seen, known->second);
    } else {
        settle_owed(number, seen);
        const std::uint64_t order = client.session.next_order++;
        if (seen.dup) check_order_again(client, order);
        in_flight[seen.packet_id] = {seen.number, seen.qos, seen.retain,
                                     false,       order,    client.connection};
    }
    client.outstanding.insert(seen.packet_id);
    BOOST_REQUIRE_LE(client.outstanding.size(), client.choice.quota);
    client.answers.push_back(
        {seen.qos == 1 ? Answer::Kind::puback : Answer::Kind::pubrec, seen.packet_id});
}

void SessionModel::on_publish_seen_again(std::size_t number, const SeenPublish& seen,
                                         InFlight& entry) {
    Client& client = clients_[number];
    BOOST_REQUIRE_MESSAGE(seen.dup, "the identifier is in use");
    BOOST_REQUIRE_EQUAL(seen.number, entry.number);
    BOOST_REQUIRE_EQUAL(seen.qos, entry.qos);
    BOOST_REQUIRE_EQUAL(seen.retain, entry.is_retained);
    BOOST_REQUIRE_MESSAGE(!entry.is_released, "PUBLISH after PUBREL");
    BOOST_REQUIRE_MESSAGE(entry.connection != client.connection, "twice on one connection");
    entry.connection = client.connection;
    check_order_again(client, entry.order);
}

void SessionModel::check_order_again(Client& client, std::uint64_t order) const {
    BOOST_REQUIRE_MESSAGE(order > client.last_order_again, "sent again in another order");
    client.last_order_again = order;
}

/// Something new comes: everything old must have come before.
void SessionModel::check_all_sent_again(const Client& client) const {
    for (const auto& [packet_id, entry] : client.session.in_flight) {
        BOOST_REQUIRE_MESSAGE(entry.connection == client.connection,
                              "identifier " << packet_id << " was not sent again first");
    }
}

void SessionModel::check_dup(const SeenPublish& seen, std::uint64_t first_connection,
                             std::uint64_t connection) const {
    if (seen.dup) BOOST_REQUIRE_MESSAGE(first_connection != connection, "DUP at first sending");
}

void SessionModel::settle_owed(std::size_t number, const SeenPublish& seen) {
    if (seen.retain) {
        settle_walk(number, seen);
    } else if (is_shared_topic(seen.topic)) {
        settle_shared(number, seen);
    } else {
        settle_line(number, seen);
    }
}

void SessionModel::settle_walk(std::size_t number, const SeenPublish& seen) {
    auto& walks = clients_[number].session.walks;
    // Several subscriptions may have asked for it, and copies are alike: this one answers the oldest that
    // is sure to be answered.
    const auto find = [&](bool only_sure) {
        auto oldest = walks.end();
        for (auto entry = walks.begin(); entry != walks.end(); ++entry) {
            const auto& [filter_and_message, walk] = *entry;
            if (filter_and_message.second != seen.number || walk.qos != seen.qos) continue;
            if (only_sure && !walk.is_sure) continue;
            if (oldest == walks.end() || walk.since < oldest->second.since) oldest = entry;
        }
        return oldest;
    };
    auto found = find(true);
    if (found == walks.end()) found = find(false);
    BOOST_REQUIRE_MESSAGE(found != walks.end(), "a retained message nobody asked for");
    walks.erase(found);
    ++totals_.retained_seen;
}

void SessionModel::settle_line(std::size_t number, const SeenPublish& seen) {
    Client& client = clients_[number];
    auto& line = client.session.line;
    const auto found = std::ranges::find_if(
        line, [&](const Owed& owed) { return owed.number == seen.number && owed.qos == seen.qos; });
    BOOST_REQUIRE_MESSAGE(found != line.end(), "a message that is not owed");
    check_dup(seen, found->first_connection, client.connection);
    for (auto skipped = line.begin(); skipped != found; ++skipped) {
        const bool may_vanish = may_drop_ || is_expired(skipped->number) ||
                                (skipped->qos == 0 && skipped->was_connection_lost);
        BOOST_REQUIRE_MESSAGE(may_vanish, "message " << skipped->number << " was owed before");
        ++totals_.missing;
    }
    for (const auto& [key, walk] : client.session.walks) {
        const bool is_late = walk.is_sure && walk.since < found->since && !is_expired(key.second);
        BOOST_REQUIRE_MESSAGE(!is_late, "retained message " << key.second << " was owed before");
    }
    // A publisher that sent it twice made two copies, and which of them this was cannot be seen.
    for (auto copy = found + 1; copy != line.end(); ++copy) {
        const bool is_alike = copy->number == found->number && copy->qos == found->qos;
        if (is_alike) copy->was_connection_lost |= found->was_connection_lost;
    }
    line.erase(line.begin(), found + 1);
}

void SessionModel::settle_shared(std::size_t number, const SeenPublish& seen) {
    BOOST_REQUIRE_EQUAL(message(seen.number).qos, seen.qos);
    // Of copies that are alike this one is the one that must come, as long as there is such a one.
    const auto find = [&](bool only_sure) {
        return std::ranges::find_if(shared_, [&](const Shared& shared) {
            const bool is_wanted = shared.number == seen.number && shared.holder == nobody;
            return is_wanted && !(only_sure && shared.may_vanish);
        });
    };
    auto found = find(true);
    if (found == shared_.end()) found = find(false);
    BOOST_REQUIRE_MESSAGE(found != shared_.end(), "a message that the group is not owed");
    if (seen.qos == 0) {
        shared_.erase(found);
    } else {
        found->holder = number;
    }
}

void SessionModel::check_nothing_is_owed() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const Client& client = clients_[i];
        BOOST_TEST_CONTEXT("client " << i) {
            const std::string missing = client.expected.empty() ? "" : client.expected.front();
            BOOST_REQUIRE_MESSAGE(client.expected.empty(), "no " << missing);
            BOOST_REQUIRE(client.pending.empty());
            BOOST_REQUIRE(client.session.in_flight.empty());
            for (const Owed& owed : client.session.line) {
                const bool may_vanish = may_drop_ || is_expired(owed.number) ||
                                        (owed.qos == 0 && owed.was_connection_lost);
                BOOST_REQUIRE_MESSAGE(may_vanish, "message " << owed.number << " is owed");
                ++totals_.missing;
            }
            for (const auto& [key, walk] : client.session.walks) {
                BOOST_REQUIRE_MESSAGE(!walk.is_sure || is_expired(key.second),
                                      "retained message " << key.second << " is owed");
            }
        }
    }
    for (const Shared& shared : shared_) {
        const Message& owed = message(shared.number);
        const bool may_vanish =
            may_drop_ || shared.may_vanish || owed.qos == 0 || is_expired(shared.number);
        BOOST_REQUIRE_MESSAGE(may_vanish, "message " << shared.number << " is owed to its group");
        ++totals_.missing;
    }
}

}  // namespace sim
