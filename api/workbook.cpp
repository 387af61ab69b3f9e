#include "api/workbook.hpp"

#include "api/xml_reader.hpp"
#include "api/zip_file.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

using boost::system::in_place_error;

std::optional<std::size_t> number_of(std::string_view digits) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return {};
    return number;
}

/// Of "C7" 2; empty: it is no cell's name, or far away.
std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0;
    std::size_t letters = 0;
    for (; letters < reference.size() && reference[letters] >= 'A' && reference[letters] <= 'Z';
         ++letters) {
        column = column * 26 + static_cast<std::size_t>(reference[letters] - 'A') + 1;
    }
    if (letters == 0 || letters > 3) return std::nullopt;
    return column - 1;
}

/// The relationship of the first sheet.
class FirstSheet final : public XmlListener {
public:
    std::string relationship;
    void on_begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name != "sheet" || !relationship.empty()) return;
        relationship = find_attribute(attributes, "id");
    }
    void on_end(std::string_view) override {}
    void on_text(std::string_view) override {}
};

/// Where the first sheet and the shared texts are.
class Relationships final : public XmlListener {
public:
    explicit Relationships(std::string sheet_relationship)
        : sheet_relationship_(std::move(sheet_relationship)) {}
    std::string sheet;
    std::string shared_texts;

    void on_begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name != "Relationship") return;
        const std::string target = path_of(find_attribute(attributes, "Target"));
        if (find_attribute(attributes, "Type").ends_with("/sharedStrings")) shared_texts = target;
        if (find_attribute(attributes, "Id") == sheet_relationship_) sheet = target;
    }
    void on_end(std::string_view) override {}
    void on_text(std::string_view) override {}

private:
    static std::string path_of(std::string_view target) {
        if (target.starts_with('/')) return std::string{target.substr(1)};
        return "xl/" + std::string{target};
    }
    std::string sheet_relationship_;
};

/// The table of texts that cells share, in order.
class SharedTexts final : public XmlListener {
public:
    std::vector<std::string> texts;
    void on_begin(std::string_view name, const XmlAttributes&) override {
        if (name == "si") texts.emplace_back();
        if (name == "rPh") is_reading_aid_ = true;
        is_text_ = name == "t" && !is_reading_aid_ && !texts.empty();
    }
    void on_end(std::string_view name) override {
        if (name == "rPh") is_reading_aid_ = false;
        is_text_ = false;
    }
    void on_text(std::string_view text) override {
        if (is_text_) texts.back() += text;
    }

private:
    bool is_reading_aid_ = false;  ///< how the text is spoken
    bool is_text_ = false;
};

class Sheet final : public XmlListener {
public:
    Sheet(const std::vector<std::string>& shared, std::size_t rows_max)
        : shared_(shared), rows_max_(rows_max) {}
    std::vector<SheetRow> rows;

    void on_begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "row") return begin_row(attributes);
        if (name == "c") return begin_cell(attributes);
        if (name == "rPh") is_reading_aid_ = true;
        is_value_ = is_cell_ && !is_reading_aid_ && (name == "v" || name == "t");
    }
    void on_end(std::string_view name) override {
        is_value_ = false;
        if (name == "rPh") is_reading_aid_ = false;
        if (name == "c") end_cell();
        if (name == "row") end_row();
    }
    void on_text(std::string_view text) override {
        if (!is_value_) return;
        if (value_.size() + text.size() > workbook_text_bytes_max) return fail_size();
        value_ += text;
    }

private:
    void begin_row(const XmlAttributes& attributes) {
        const auto number = number_of(find_attribute(attributes, "r"));
        row_ = {number.value_or(row_.number + 1), {}};
        next_column_ = 0;
    }

    void end_row() {
        const bool is_blank =
            std::ranges::all_of(row_.cells, [](const std::string& cell) { return cell.empty(); });
        if (is_blank) return;
        if (rows.size() == rows_max_) {
            return fail("the sheet must have at most " + std::to_string(rows_max_) +
                        " rows with something in them, the one with the names included");
        }
        rows.push_back({row_.number, std::exchange(row_.cells, {})});
    }

    void begin_cell(const XmlAttributes& attributes) {
        const std::string_view reference = find_attribute(attributes, "r");
        column_ = reference.empty() ? next_column_ : column_of(reference).value_or(~std::size_t{0});
        next_column_ = column_ + 1;
        type_ = find_attribute(attributes, "t");
        value_.clear();
        is_cell_ = true;
    }

    void end_cell() {
        is_cell_ = false;
        if (value_.empty()) return;
        if (column_ >= workbook_columns_max) {
            return fail("row " + std::to_string(row_.number) + " has a cell behind column " +
                        cell_name(workbook_columns_max - 1, 0));
        }
        std::string text = text_of_value();
        bytes_ += text.size();
        if (bytes_ > workbook_text_bytes_max) return fail_size();
        row_.cells.resize(std::max(row_.cells.size(), column_ + 1));
        row_.cells[column_] = std::move(text);
    }

    std::string text_of_value() {
        if (type_ == "inlineStr" || type_ == "str") return std::move(value_);
        if (type_ == "b") return value_ == "1" ? "true" : "false";
        if (type_ == "s") {
            const auto index = number_of(value_);
            if (index && *index < shared_.size()) return shared_[*index];
            fail_cell("names a text that the workbook does not have");
        } else if (type_ == "e") {
            fail_cell("has the error " + value_);
        } else if (value_.find_first_not_of("0123456789") != std::string::npos) {
            fail_cell("has the number " + value_ + ": write it as a text, or as a whole number");
        }
        return std::move(value_);
    }

    void fail_cell(const std::string& what) {
        fail("cell " + cell_name(column_, row_.number) + " " + what);
    }
    void fail_size() {
        fail("the texts of the sheet are larger than " +
             std::to_string(workbook_text_bytes_max >> 20U) + " MiB");
    }

    const std::vector<std::string>& shared_;
    const std::size_t rows_max_;
    SheetRow row_;
    std::size_t column_ = 0;
    std::size_t next_column_ = 0;
    std::size_t bytes_ = 0;
    std::string type_;
    std::string value_;
    bool is_cell_ = false;
    bool is_reading_aid_ = false;
    bool is_value_ = false;
};

/// Unpacks a part and has the listener read it. Empty: done.
std::optional<std::string> read_part(const ZipFile& archive, std::string_view name,
                                     XmlListener& listener) {
    const auto part = archive.unpack(name, workbook_part_bytes_max);
    if (!part) return part.error();
    if (part->empty()) return "the file is no workbook: it has no part " + std::string{name};
    auto problem = read_xml(*part, listener);
    if (!problem || listener.problem()) return problem;
    return "the file's part " + std::string{name} + " " + *problem;
}

}  // namespace

std::string cell_name(std::size_t column, std::size_t row) {
    std::string letters;
    for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
        letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
    }
    return row == 0 ? letters : letters + std::to_string(row);
}

bool is_workbook(std::string_view file) { return file.starts_with("PK\x03\x04"); }

bool is_old_workbook(std::string_view file) {
    return file.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}

boost::system::result<std::vector<SheetRow>, std::string> read_first_sheet(std::string_view file,
                                                                           std::size_t rows_max) {
    const ZipFile archive{file};
    FirstSheet first;
    if (auto problem = read_part(archive, "xl/workbook.xml", first)) {
        return {in_place_error, std::move(*problem)};
    }
    Relationships relationships{first.relationship};
    if (auto problem = read_part(archive, "xl/_rels/workbook.xml.rels", relationships)) {
        return {in_place_error, std::move(*problem)};
    }
    SharedTexts shared;
    if (!relationships.shared_texts.empty()) {
        if (auto problem = read_part(archive, relationships.shared_texts, shared)) {
            return {in_place_error, std::move(*problem)};
        }
    }
    Sheet sheet{shared.texts, rows_max};
    if (auto problem = read_part(archive, relationships.sheet, sheet)) {
        return {in_place_error, std::move(*problem)};
    }
    return std::move(sheet.rows);
}

}  // namespace holdfast::api
