#include "support/connection_script.hpp"

#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace test_support {

using namespace holdfast;

namespace {

bool is_split_replay() {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    return std::any_of(suite.argv, suite.argv + suite.argc,
                       [](const char* argument) { return std::string_view{argument} == "split"; });
}

std::string listed(const std::vector<std::string>& lines) {
    if (lines.empty()) return "\n    nothing";
    std::string text;
    for (const std::string& line : lines) text += "\n    " + line;
    return text;
}

}  // namespace

ConnectionScript::ConnectionScript(World& world,
                                   boost::intrusive_ptr<ScriptedConnection> connection,
                                   std::string name)
    : world_(&world), connection_(std::move(connection)), name_(std::move(name)) {}

std::string ConnectionScript::at(const Place& place) const {
    return std::string{place.file_name()} + ":" + std::to_string(place.line()) + ": " + name_ +
           ": ";
}

// --- From the client

void ConnectionScript::append(ByteBuffer& out, std::string_view notation) const {
    append(out, bytes_of(notation));
}

void ConnectionScript::append(ByteBuffer& out, const std::vector<Byte>& bytes) const {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void ConnectionScript::deliver(ByteView bytes) {
    deliver_in_pieces(bytes, is_split_replay() ? 1 : bytes.size());
}

void ConnectionScript::deliver_in_pieces(ByteView bytes, std::size_t piece_bytes) {
    while (!bytes.empty()) {
        // A piece of memory of its own: reading beyond it is seen by the sanitizers.
        const ByteView piece = bytes.first(std::min(piece_bytes, bytes.size()));
        const std::vector<Byte> copy(piece.begin(), piece.end());
        connection_->on_bytes(copy, world_->enter(connection_->shard()));
        world_->finish_turn();
        bytes = bytes.subspan(piece.size());
    }
}

ConnectionScript& ConnectionScript::lose_connection() {
    connection_->close_now(CloseReason::connection_lost, world_->enter(connection_->shard()));
    world_->finish_turn();
    return *this;
}

ConnectionScript& ConnectionScript::block_socket(std::size_t bytes_taken) {
    connection_->set_room(bytes_taken, world_->enter(connection_->shard()));
    world_->finish_turn();
    return *this;
}

ConnectionScript& ConnectionScript::unblock_socket() { return block_socket(unlimited); }

// --- To the client

ConnectionScript& ConnectionScript::expect_sent(std::initializer_list<std::string_view> packets,
                                                const Place& place) {
    const std::vector<std::string> expected(packets.begin(), packets.end());
    const std::vector<std::string> sent = take_sent();
    BOOST_CHECK_MESSAGE(sent == expected,
                        at(place) << "expected" << listed(expected) << "\n  sent" << listed(sent));
    return *this;
}

ConnectionScript& ConnectionScript::expect_closed(CloseReason reason, const Place& place) {
    BOOST_CHECK_MESSAGE(!is_open(), at(place) << "expected the connection to be closed");
    BOOST_CHECK_MESSAGE(connection_->close_reason() == reason,
                        at(place) << "expected to be closed for " << to_string(reason) << ", not "
                                  << to_string(connection_->close_reason()));
    return *this;
}

ConnectionScript& ConnectionScript::expect_open(const Place& place) {
    BOOST_CHECK_MESSAGE(is_open(), at(place) << "expected the connection to be open, but "
                                             << to_string(connection_->close_reason()));
    return *this;
}

std::vector<std::string> ConnectionScript::take_sent() {
    std::vector<std::string> texts;
    for (Sent& sent : std::exchange(connection_->sent, {})) texts.push_back(std::move(sent.text));
    return texts;
}

std::vector<std::string> ConnectionScript::take_sent_in_full() {
    std::vector<std::string> texts;
    for (Sent& sent : std::exchange(connection_->sent, {})) {
        texts.push_back(std::move(sent.full_text));
    }
    return texts;
}

std::vector<Instant> ConnectionScript::sent_at() const {
    std::vector<Instant> instants;
    for (const Sent& sent : connection_->sent) instants.push_back(sent.at);
    return instants;
}

}  // namespace test_support
