#pragma once
// CountedLiveSession: a delivery::LiveSession that is counted by reference, once for those who know it as a
// Session and those who know it as a LiveSession. Only for Session.

#include "delivery/live_session.hpp"

#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <vector>

namespace holdfast::session {

template <class SessionT>
class CountedLiveSession : public delivery::LiveSession,
                           public boost::intrusive_ref_counter<SessionT> {
    using Counted = boost::intrusive_ref_counter<SessionT>;
    void keep() const noexcept final { intrusive_ptr_add_ref(static_cast<const Counted*>(this)); }
    void let_go() const noexcept final {
        intrusive_ptr_release(static_cast<const Counted*>(this));
    }
    // Of the two bases that are counted there is one that counts.
    friend void intrusive_ptr_add_ref(const CountedLiveSession* session) noexcept {
        session->keep();
    }
    friend void intrusive_ptr_release(const CountedLiveSession* session) noexcept {
        session->let_go();
    }
};

/// A device's messages, and the subscriptions it has at the moment.
struct FeedAttachment {
    delivery::DeviceFeedPtr feed;  ///< null: no device
    std::vector<delivery::FeedSubscription> subscriptions;
};

}  // namespace holdfast::session
