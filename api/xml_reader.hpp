#pragma once
// What reads an XML text hears of it, element by element; and read_xml(), which tells it. Names come without
// the prefix of their namespace. A document type is refused: nothing is read beside the text, nothing grows.
// Threads: any.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::api {

/// Name and value; views live as long as the call.
using XmlAttributes = std::vector<std::pair<std::string_view, std::string_view>>;
/// Empty: it is not among them.
[[nodiscard]] std::string_view find_attribute(const XmlAttributes& attributes,
                                              std::string_view name);

class XmlListener {
public:
    virtual ~XmlListener() = default;
    virtual void on_begin(std::string_view name, const XmlAttributes& attributes) = 0;
    virtual void on_end(std::string_view name) = 0;
    /// A text may come in several pieces.
    virtual void on_text(std::string_view text) = 0;
    /// What the listener has found wrong: nothing is read behind it. Empty: nothing.
    [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }

protected:
    void fail(std::string problem) {
        if (!problem_) problem_ = std::move(problem);
    }

private:
    std::optional<std::string> problem_;
};

/// Empty: all of it was read. Else the listener's problem, or what is wrong with the text, as a sentence's
/// end: "is not XML: mismatched tag at line 3".
[[nodiscard]] std::optional<std::string> read_xml(std::string_view text, XmlListener& listener);

}  // namespace holdfast::api
