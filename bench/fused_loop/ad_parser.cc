#include <simdjson.h>

#include "ad_columns.h"

namespace fused_loop {
namespace {

namespace od = simdjson::ondemand;

int two(const char* p) {
  return (p[0] - '0') * 10 + (p[1] - '0');
}

/// "2026-11-20T06:00:00.123Z" and nothing else: the loop knows its data.
bool to_micros(std::string_view text, int64_t& micros) {
  if (text.size() != 24 || text[23] != 'Z') return false;
  const char* p = text.data();
  for (const int at : {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22}) {
    if (p[at] < '0' || p[at] > '9') return false;
  }
  const int month = two(p + 5);
  const int year = two(p) * 100 + two(p + 2) - (month <= 2 ? 1 : 0);
  const int era = year / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + two(p + 8) - 1;
  const int64_t days = int64_t{era} * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
  const int64_t seconds = (days * 24 + two(p + 11)) * 3600 + two(p + 14) * 60 + two(p + 17);
  micros = seconds * 1'000'000 + ((p[20] - '0') * 100 + two(p + 21)) * 1000;
  return true;
}

constexpr uint32_t code(const char* p) {
  return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | static_cast<uint32_t>(p[2]);
}

bool is_known_currency(std::string_view text) {
  if (text.size() != 3) return false;
  const uint32_t found = code(text.data());
  return found == code("USD") || found == code("EUR") || found == code("GBP") || found == code("JPY");
}

/// One event's values; texts point into the parser's buffer until the next event.
struct AdEvent {
  std::string_view event_id, ts, country, device, event_type, currency, url;
  int64_t user_id, campaign_id, ad_id, ts_us;
  double price, lat, lon;

  /// Looks for the fields in the order in which they come.
  bool read(od::object object) {
    od::object geo;
    return !object.find_field("event_id").get(event_id) && !object.find_field("ts").get(ts) && to_micros(ts, ts_us) &&
           !object.find_field("user_id").get(user_id) && !object.find_field("campaign_id").get(campaign_id) &&
           !object.find_field("ad_id").get(ad_id) && !object.find_field("country").get(country) &&
           !object.find_field("device").get(device) && !object.find_field("event_type").get(event_type) &&
           !object.find_field("price").get(price) && !object.find_field("currency").get(currency) &&
           !object.find_field("url").get(url) && !object.find_field("geo").get(geo) &&
           !geo.find_field("lat").get(lat) && !geo.find_field("lon").get(lon);
  }

  bool keeps_rules() const {
    return event_id.size() == 36 && user_id >= 1'000'000 && user_id <= 5'999'999 && campaign_id >= 0 &&
           campaign_id <= 999 && ad_id >= 0 && ad_id <= 19'999 && country.size() == 2 && price >= 0 && price <= 5 &&
           (device == "mobile" || device == "desktop" || device == "tablet" || device == "tv") &&
           (event_type == "impression" || event_type == "click" || event_type == "conversion") &&
           is_known_currency(currency);
  }

  void add_to(AdColumns& columns) const {
    columns.event_id.add(event_id);
    columns.ts_us.push_back(ts_us);
    columns.user_id.push_back(user_id);
    columns.campaign_id.push_back(static_cast<int32_t>(campaign_id));
    columns.ad_id.push_back(static_cast<int32_t>(ad_id));
    columns.country.add(country);
    columns.device.add(device);
    columns.event_type.add(event_type);
    columns.price.push_back(price);
    columns.currency.add(currency);
    columns.lat.push_back(lat);
    columns.lon.push_back(lon);
    columns.net.push_back(price * 0.9);
  }
};

}  // namespace

struct AdParser::Implementation {
  od::parser parser;
};

AdParser::AdParser() : implementation_(new Implementation) {}
AdParser::~AdParser() {
  delete implementation_;
}

Outcome AdParser::add(std::string_view event, AdColumns& columns) {
  od::document document;
  od::object object;
  AdEvent row{};
  if (implementation_->parser.iterate(event.data(), event.size(), event.size() + simdjson::SIMDJSON_PADDING)
          .get(document) ||
      document.get_object().get(object) || !row.read(object) || !row.keeps_rules())
    return Outcome::rejected;
  if (row.price < 0.25) return Outcome::filtered;
  row.add_to(columns);
  return Outcome::kept;
}

void AdColumns::clear() {
  for (Texts* texts : {&event_id, &country, &device, &event_type, &currency}) texts->clear();
  for (std::vector<int64_t>* longs : {&ts_us, &user_id}) longs->clear();
  for (std::vector<int32_t>* ints : {&campaign_id, &ad_id}) ints->clear();
  for (std::vector<double>* doubles : {&price, &lat, &lon, &net}) doubles->clear();
}

}  // namespace fused_loop
