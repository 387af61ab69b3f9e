#include "session/queue_record.hpp"

#include "delivery/message_record.hpp"
#include "support/stored_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>

using namespace holdfast;
using namespace holdfast::session;
using namespace test_support;

namespace {

const WallOffset offset{Instant{Seconds{5}}, WallTime{Seconds{1'000'000}}};

MessagePtr message() {
    return ApplicationMessage::create(
        {.topic = "t", .payload = as_bytes("hi"), .qos = QoS::exactly_once});
}

store::Bytes bytes_of(const store::Value& value) {
    store::Bytes bytes;
    value.write_to(bytes);
    BOOST_TEST(bytes.size() == value.size());
    return bytes;
}

OutboundMessage with_everything() {
    const std::array<std::uint32_t, 3> identifiers{7, 268'435'455, 1};
    const auto filter = std::make_shared<const std::string>("$share/group/t");
    return {message(),
            {.qos = QoS::exactly_once,
             .retain = true,
             .subscription_identifiers = identifiers,
             .shared_filter = &filter}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(queue_record)

BOOST_AUTO_TEST_CASE(a_mark_comes_back_as_it_was) {
    for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
        for (const bool flag : {false, true}) {
            for (const PacketId packet_id : std::array<PacketId, 3>{0, 1, 65'535}) {
                const QueueMark mark{.packet_id = packet_id,
                                     .qos = qos,
                                     .retain = flag,
                                     .is_released = flag && qos == QoS::exactly_once,
                                     .has_extra = flag,
                                     .subscription_identifier = flag ? 268'435'455U : 0U};
                BOOST_TEST((decode_queue_mark(encode_queue_mark(mark)) == mark));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_mark_that_nobody_writes_is_refused) {
    const auto good = static_cast<std::uint64_t>(encode_queue_mark({}));
    BOOST_TEST(decode_queue_mark(store::Mark{good}).has_value());
    for (const std::uint64_t bad :
         {std::uint64_t{0}, good | std::uint64_t{3} << 16, good | std::uint64_t{1} << 19,
          good | std::uint64_t{1} << 21, good | std::uint64_t{1} << 52,
          good | std::uint64_t{1} << 63}) {
        BOOST_TEST(!decode_queue_mark(store::Mark{bad}).has_value());
    }
}

BOOST_AUTO_TEST_CASE(identifiers_follow_from_positions_and_are_never_0) {
    BOOST_TEST(derived_packet_id(store::Position{1}) == 1U);
    BOOST_TEST(derived_packet_id(store::Position{65'535}) == 65'535U);
    BOOST_TEST(derived_packet_id(store::Position{65'536}) == 1U);
    BOOST_TEST(derived_packet_id(store::Position{~std::uint64_t{0}}) != 0U);
}

BOOST_AUTO_TEST_CASE(a_message_without_more_is_the_shared_record) {
    const OutboundMessage outbound{message(), {.qos = QoS::at_least_once}};
    BOOST_TEST(!needs_extra(outbound));
    const QueueMark mark = queue_mark_of(outbound);
    const store::QueuedRecord record{
        store::Position{9}, encode_queue_mark(mark),
        bytes_of(*delivery::make_message_value(outbound.message, offset))};
    const auto read = decode_queue_record(record, mark, offset);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(to_text(*read->message) == to_text(*outbound.message));
    BOOST_TEST((read->position == store::Position{9}));
    BOOST_TEST((read->qos == QoS::at_least_once));
    BOOST_TEST(!read->extra);
}

BOOST_AUTO_TEST_CASE(several_identifiers_and_the_shared_filter_are_kept) {
    OutboundMessage outbound = with_everything();
    outbound.extra->packet_id = 77;
    outbound.position = store::Position{3};
    const QueueMark mark = queue_mark_of(outbound);
    BOOST_TEST(mark.has_extra);
    const store::QueuedRecord record{outbound.position, encode_queue_mark(mark),
                                     bytes_of(*make_extra_value(outbound, offset))};
    const auto read = decode_queue_record(record, mark, offset);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(read->retain);
    BOOST_TEST(read->subscription_identifier == 7U);
    BOOST_TEST(read->extra->more_identifiers == outbound.extra->more_identifiers,
               boost::test_tools::per_element());
    BOOST_TEST(*read->extra->shared_filter == "$share/group/t");
    BOOST_TEST(packet_id_of(*read) == 77U);
    BOOST_TEST((queue_mark_of(*read) == mark));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_cut_short_or_too_long_is_an_error) {
    const OutboundMessage outbound = with_everything();
    const QueueMark mark = queue_mark_of(outbound);
    check_every_truncation(bytes_of(*make_extra_value(outbound, offset)),
                           [&](const store::Bytes& bytes) {
                               return decode_queue_record({store::Position{1}, {}, bytes}, mark,
                                                          offset);
                           });
}

BOOST_AUTO_TEST_CASE(a_shared_filter_that_is_none_is_an_error) {
    const OutboundMessage outbound = with_everything();
    store::Bytes bytes = bytes_of(*make_extra_value(outbound, offset));
    bytes[1 + 4 + 2 * 4 + 2] = std::byte{'x'};  // the filter's first character
    const auto read =
        decode_queue_record({store::Position{1}, {}, bytes}, queue_mark_of(outbound), offset);
    BOOST_TEST_REQUIRE(read.has_error());
    BOOST_TEST(read.error().field == "shared_filter");
}

BOOST_AUTO_TEST_SUITE_END()
