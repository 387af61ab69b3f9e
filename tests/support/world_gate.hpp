#pragma once
// WorldGate: lets who is called by no shard into a turn of a World's first shard.

#include "support/world.hpp"

#include <functional>

namespace test_support {

class WorldGate final : public holdfast::TurnGate {
public:
    explicit WorldGate(World& world) : world_(world) {}
    void enter(const std::function<void(holdfast::Turn&)>& act) override {
        ++times_entered;
        act(world_.enter(holdfast::ShardIndex{0}));
        world_.finish_turn();
    }
    int times_entered = 0;

private:
    World& world_;
};

}  // namespace test_support
