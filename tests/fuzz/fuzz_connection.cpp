// A whole connection on a whole core: whatever a client sends, in whatever pieces, nothing breaks, the
// accounting equation holds (World checks it), and two well-behaved clients beside it are served.
// Whoever names the method RIDDLE is asked riddles (support/riddle_judge.hpp); everybody else is let in.
// The input: one byte of how it is cut (0: one piece), then the bytes of the client. A connection that
// the server closed is followed by the next one of the same client with the rest of the input.

#include "base/error.hpp"
#include "support/riddle_judge.hpp"
#include "support/world.hpp"
#include "support/scripted_connection.hpp"
#include "support/connection_script.hpp"

#include <algorithm>
#include <vector>

using namespace holdfast;
using namespace test_support;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    Limits limits;
    limits.packet_bytes_max = 4096;
    limits.queue_messages_max = 8;
    limits.queue_policy = static_cast<QueuePolicy>(data[0] % 3);
    const std::size_t piece_bytes = data[0] / 3 == 0 ? size : data[0] / 3;
    RiddleJudge judge;
    World world{limits};
    world.judge_by(judge);
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 2));
    auto away = world.connected(connect("away").clean_start(false).session_expiry(60));
    away.receive(subscribe("+/+", 1));
    away.lose_connection();

    auto client = world.client("fuzzed");
    for (std::size_t at = 1; at < size; at += piece_bytes) {
        if (!client.is_open()) client = world.client("fuzzed");
        const std::size_t end = std::min(size, at + piece_bytes);
        client.receive(std::vector<Byte>(data + at, data + end));
    }
    world.advance(Seconds{90});
    watcher.take_sent();
    if (watcher.is_open()) watcher.receive(pingreq());
    // The fuzzed client may have taken the watcher's identifier over, which is its right.
    const bool is_taken_over =
        watcher.connection().close_reason() == CloseReason::session_taken_over;
    CHECK(is_taken_over || (watcher.is_open() && watcher.take_sent().size() == 1));
    return 0;
}
