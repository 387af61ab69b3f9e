#include "session/outbox.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <string>

using namespace holdfast;
using session::Outbox;

namespace {

MessagePtr message_with(std::string_view payload) {
    return ApplicationMessage::create({.topic = "t", .payload = as_bytes(payload)});
}

void append(Outbox& outbox, std::string_view text) {
    outbox.buffer().insert(outbox.buffer().end(), text.begin(), text.end());
}

/// What one gathered write of at most `parts_max` parts would write.
std::string gathered(const Outbox& outbox, std::size_t parts_max = 64) {
    std::vector<iovec> parts(parts_max);
    const std::size_t used = outbox.gather(parts);
    BOOST_TEST_REQUIRE(used <= parts_max);
    std::string text;
    for (std::size_t i = 0; i < used; ++i) {
        BOOST_TEST(parts[i].iov_len != 0U);
        text.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(empty_it_has_nothing_to_write) {
    Outbox outbox;
    BOOST_TEST(outbox.empty());
    BOOST_TEST(outbox.size() == 0U);
    BOOST_TEST(gathered(outbox).empty());
    outbox.consume(0);
    BOOST_TEST(outbox.empty());
}

BOOST_AUTO_TEST_CASE(payloads_stand_where_they_were_appended) {
    Outbox outbox;
    append(outbox, "<a>");
    outbox.append_payload(message_with("AAAA"));
    append(outbox, "<b>");
    outbox.append_payload(message_with("BB"));
    outbox.append_payload(message_with("C"));
    append(outbox, "<d>");
    BOOST_TEST(gathered(outbox) == "<a>AAAA<b>BBC<d>");
    BOOST_TEST(outbox.size() == 16U);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_always_behind_does_not_make_it_grow) {
    Outbox outbox;
    std::string expected;
    std::string came;
    append(outbox, std::string(1000, 'x'));
    expected.assign(1000, 'x');
    for (int i = 0; i < 3000; ++i) {
        const std::string packet = "<" + std::to_string(i) + std::string(200, 'p') + ">";
        append(outbox, packet);
        expected += packet;
        if (i % 10 == 0) {
            outbox.append_payload(message_with("payload"));
            expected += "payload";
        }
        const std::string next = gathered(outbox, 256).substr(0, packet.size());
        came += next;
        outbox.consume(next.size());
        BOOST_TEST_REQUIRE(!outbox.empty());
        BOOST_TEST_REQUIRE(outbox.capacity() < std::size_t{512} * 1024);
    }
    came += gathered(outbox, 4096);
    BOOST_TEST((came == expected));
}

BOOST_AUTO_TEST_CASE(who_is_emptied_leaves_memory_to_who_fills_next) {
    const std::string text(20'000, 'x');
    Outbox first;
    append(first, text);
    const std::size_t taken = first.capacity();
    first.consume(text.size());
    BOOST_TEST(first.capacity() == 0U);
    Outbox second;
    append(second, "y");
    BOOST_TEST(second.capacity() == taken);
    BOOST_TEST(gathered(second) == "y");
}

BOOST_AUTO_TEST_CASE(who_has_stopped_reading_holds_little_more_than_what_waits) {
    const std::string text(100'000, 'x');
    Outbox outbox;
    append(outbox, text + "left");
    outbox.append_payload(message_with("PAYLOAD"));
    append(outbox, "end");
    outbox.consume(text.size());
    BOOST_TEST(outbox.capacity() < 100U);
    BOOST_TEST(gathered(outbox) == "leftPAYLOADend");
    outbox.consume(6);
    BOOST_TEST(gathered(outbox) == "YLOADend");
}

BOOST_AUTO_TEST_CASE(an_empty_payload_is_no_part) {
    Outbox outbox;
    append(outbox, "<a>");
    outbox.append_payload(message_with(""));
    BOOST_TEST(gathered(outbox) == "<a>");
    outbox.consume(3);
    BOOST_TEST(outbox.empty());
}

BOOST_AUTO_TEST_CASE(what_is_gathered_in_few_parts_is_the_front) {
    Outbox outbox;
    std::string all;
    for (int i = 0; i < 10; ++i) {
        append(outbox, "<" + std::to_string(i) + ">");
        outbox.append_payload(message_with("payload"));
        all += "<" + std::to_string(i) + ">payload";
    }
    for (std::size_t parts = 2; parts <= 21; ++parts) {
        const std::string front = gathered(outbox, parts);
        BOOST_TEST(!front.empty());
        BOOST_TEST(all.starts_with(front));
    }
    BOOST_TEST(gathered(outbox, 21) == all);
}

BOOST_AUTO_TEST_CASE(a_payload_is_referenced_not_copied_and_kept_until_its_last_byte_is_taken) {
    Outbox outbox;
    append(outbox, "<a>");
    std::array<iovec, 2> parts{};
    {
        const MessagePtr message = message_with("AAAA");
        outbox.append_payload(message);
        BOOST_TEST(outbox.gather(parts) == 2U);
        BOOST_TEST(parts[1].iov_base == message->payload().data());
    }
    outbox.consume(6);
    BOOST_TEST(gathered(outbox) == "A");
    outbox.consume(1);
    BOOST_TEST(outbox.empty());
    BOOST_TEST(outbox.capacity() == 0U);
}

BOOST_AUTO_TEST_CASE(clearing_leaves_nothing) {
    Outbox outbox;
    append(outbox, "<a>");
    outbox.append_payload(message_with("AAAA"));
    outbox.consume(4);
    outbox.clear();
    BOOST_TEST(outbox.empty());
    append(outbox, "<b>");
    BOOST_TEST(gathered(outbox) == "<b>");
}

BOOST_AUTO_TEST_CASE(whatever_is_appended_and_consumed_comes_out_once_and_in_order) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 random{seed};
            Outbox outbox;
            std::string expected;  // all that was put in
            std::string taken;     // all that was written
            for (int step = 0; step < 400; ++step) {
                const auto choice = random() % 10;
                if (choice < 3) {
                    const std::string text(random() % 20, static_cast<char>('a' + step % 26));
                    append(outbox, text);
                    expected += text;
                } else if (choice < 5) {
                    const std::string payload(random() % 40, static_cast<char>('A' + step % 26));
                    outbox.append_payload(message_with(payload));
                    expected += payload;
                } else {
                    const std::string front = gathered(outbox, 2 + random() % 6);
                    BOOST_TEST_REQUIRE((!front.empty() || outbox.empty()));
                    const std::size_t count = front.empty() ? 0 : random() % (front.size() + 1);
                    taken += front.substr(0, count);
                    outbox.consume(count);
                }
                BOOST_TEST_REQUIRE(outbox.size() == expected.size() - taken.size());
                BOOST_TEST_REQUIRE(outbox.empty() == (outbox.size() == 0));
            }
            while (!outbox.empty()) {
                const std::string front = gathered(outbox, 3);
                BOOST_TEST_REQUIRE(!front.empty());
                taken += front;
                outbox.consume(front.size());
            }
            BOOST_TEST(taken == expected);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
