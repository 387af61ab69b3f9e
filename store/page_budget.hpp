#pragma once
// PageBudget: how much still goes into a page, by the caller's limits and the store's own. Both
// implementations of Store end their pages by it. A value of one call.

#include "store/store.hpp"

#include <algorithm>
#include <cstddef>

namespace holdfast::store {

class PageBudget {
public:
    explicit PageBudget(PageLimits limits)
        : records_left_(std::clamp<std::size_t>(limits.records_max, 1, page_records_max)),
          bytes_left_(std::min(limits.bytes_max, page_bytes_max)) {}

    /// True: a record of so many bytes goes into the page, and is counted.
    [[nodiscard]] bool admits(std::size_t bytes) {
        const bool fits = bytes <= bytes_left_;
        if (records_left_ == 0 || (!fits && has_one_)) return false;
        has_one_ = true;
        records_left_ = fits ? records_left_ - 1 : 0;  // too large for any page: alone in one
        bytes_left_ -= fits ? bytes : 0;
        return true;
    }

private:
    std::size_t records_left_;
    std::size_t bytes_left_;
    bool has_one_ = false;
};

}  // namespace holdfast::store
