#include "knowledge.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* The files of Config/knowledge as they are when the program is built. */
static const unsigned char file_company_yaml[] = {
#embed "../../Config/knowledge/company.yaml"
};
static const unsigned char file_dialect_tsv[] = {
#embed "../../Config/knowledge/dialect.tsv"
};
static const unsigned char file_homophones_tsv[] = {
#embed "../../Config/knowledge/homophones.tsv"
};
static const unsigned char file_intents_yaml[] = {
#embed "../../Config/knowledge/intents.yaml"
};
static const unsigned char file_offices_yaml[] = {
#embed "../../Config/knowledge/offices.yaml"
};
static const unsigned char file_rules_yaml[] = {
#embed "../../Config/knowledge/rules.yaml"
};
static const unsigned char file_slots_tsv[] = {
#embed "../../Config/knowledge/slots.tsv"
};
static const unsigned char file_topics_tsv[] = {
#embed "../../Config/knowledge/topics.tsv"
};
static const unsigned char file_traditional_tsv[] = {
#embed "../../Config/knowledge/traditional.tsv"
};
static const unsigned char file_words_tsv[] = {
#embed "../../Config/knowledge/words.tsv"
};
static const unsigned char file_entries_account_yaml[] = {
#embed "../../Config/knowledge/entries/account.yaml"
};
static const unsigned char file_entries_claims_yaml[] = {
#embed "../../Config/knowledge/entries/claims.yaml"
};
static const unsigned char file_entries_cold_yaml[] = {
#embed "../../Config/knowledge/entries/cold.yaml"
};
static const unsigned char file_entries_pay_yaml[] = {
#embed "../../Config/knowledge/entries/pay.yaml"
};
static const unsigned char file_entries_suspend_yaml[] = {
#embed "../../Config/knowledge/entries/suspend.yaml"
};
static const unsigned char file_entries_talk_yaml[] = {
#embed "../../Config/knowledge/entries/talk.yaml"
};
static const unsigned char file_examples_account_number_lookup_txt[] = {
#embed "../../Config/knowledge/examples/account_number_lookup.txt"
};
static const unsigned char file_examples_amount_due_txt[] = {
#embed "../../Config/knowledge/examples/amount_due.txt"
};
static const unsigned char file_examples_bill_higher_than_last_year_txt[] = {
#embed "../../Config/knowledge/examples/bill_higher_than_last_year.txt"
};
static const unsigned char file_examples_bill_higher_than_others_txt[] = {
#embed "../../Config/knowledge/examples/bill_higher_than_others.txt"
};
static const unsigned char file_examples_bill_wrong_claim_txt[] = {
#embed "../../Config/knowledge/examples/bill_wrong_claim.txt"
};
static const unsigned char file_examples_bind_account_txt[] = {
#embed "../../Config/knowledge/examples/bind_account.txt"
};
static const unsigned char file_examples_cancel_or_change_appointment_txt[] = {
#embed "../../Config/knowledge/examples/cancel_or_change_appointment.txt"
};
static const unsigned char file_examples_close_account_txt[] = {
#embed "../../Config/knowledge/examples/close_account.txt"
};
static const unsigned char file_examples_cold_refund_txt[] = {
#embed "../../Config/knowledge/examples/cold_refund.txt"
};
static const unsigned char file_examples_compensation_claim_txt[] = {
#embed "../../Config/knowledge/examples/compensation_claim.txt"
};
static const unsigned char file_examples_complaint_txt[] = {
#embed "../../Config/knowledge/examples/complaint.txt"
};
static const unsigned char file_examples_deadline_late_fee_txt[] = {
#embed "../../Config/knowledge/examples/deadline_late_fee.txt"
};
static const unsigned char file_examples_elderly_help_txt[] = {
#embed "../../Config/knowledge/examples/elderly_help.txt"
};
static const unsigned char file_examples_feedback_on_answer_txt[] = {
#embed "../../Config/knowledge/examples/feedback_on_answer.txt"
};
static const unsigned char file_examples_follow_up_fixed_txt[] = {
#embed "../../Config/knowledge/examples/follow_up_fixed.txt"
};
static const unsigned char file_examples_follow_up_not_fixed_txt[] = {
#embed "../../Config/knowledge/examples/follow_up_not_fixed.txt"
};
static const unsigned char file_examples_greeting_thanks_txt[] = {
#embed "../../Config/knowledge/examples/greeting_thanks.txt"
};
static const unsigned char file_examples_human_txt[] = {
#embed "../../Config/knowledge/examples/human.txt"
};
static const unsigned char file_examples_invoice_txt[] = {
#embed "../../Config/knowledge/examples/invoice.txt"
};
static const unsigned char file_examples_leak_emergency_txt[] = {
#embed "../../Config/knowledge/examples/leak_emergency.txt"
};
static const unsigned char file_examples_new_connection_txt[] = {
#embed "../../Config/knowledge/examples/new_connection.txt"
};
static const unsigned char file_examples_none_txt[] = {
#embed "../../Config/knowledge/examples/none.txt"
};
static const unsigned char file_examples_not_warm_txt[] = {
#embed "../../Config/knowledge/examples/not_warm.txt"
};
static const unsigned char file_examples_office_info_txt[] = {
#embed "../../Config/knowledge/examples/office_info.txt"
};
static const unsigned char file_examples_order_progress_txt[] = {
#embed "../../Config/knowledge/examples/order_progress.txt"
};
static const unsigned char file_examples_outage_notice_txt[] = {
#embed "../../Config/knowledge/examples/outage_notice.txt"
};
static const unsigned char file_examples_pay_failed_no_receipt_txt[] = {
#embed "../../Config/knowledge/examples/pay_failed_no_receipt.txt"
};
static const unsigned char file_examples_pay_how_txt[] = {
#embed "../../Config/knowledge/examples/pay_how.txt"
};
static const unsigned char file_examples_payment_history_txt[] = {
#embed "../../Config/knowledge/examples/payment_history.txt"
};
static const unsigned char file_examples_price_standard_txt[] = {
#embed "../../Config/knowledge/examples/price_standard.txt"
};
static const unsigned char file_examples_report_fault_txt[] = {
#embed "../../Config/knowledge/examples/report_fault.txt"
};
static const unsigned char file_examples_resume_supply_txt[] = {
#embed "../../Config/knowledge/examples/resume_supply.txt"
};
static const unsigned char file_examples_room_temperature_query_txt[] = {
#embed "../../Config/knowledge/examples/room_temperature_query.txt"
};
static const unsigned char file_examples_season_dates_txt[] = {
#embed "../../Config/knowledge/examples/season_dates.txt"
};
static const unsigned char file_examples_shared_area_txt[] = {
#embed "../../Config/knowledge/examples/shared_area.txt"
};
static const unsigned char file_examples_suspend_cost_txt[] = {
#embed "../../Config/knowledge/examples/suspend_cost.txt"
};
static const unsigned char file_examples_suspend_how_txt[] = {
#embed "../../Config/knowledge/examples/suspend_how.txt"
};
static const unsigned char file_examples_suspend_vs_close_txt[] = {
#embed "../../Config/knowledge/examples/suspend_vs_close.txt"
};
static const unsigned char file_examples_to_human_txt[] = {
#embed "../../Config/knowledge/examples/to_human.txt"
};
static const unsigned char file_examples_transfer_owner_txt[] = {
#embed "../../Config/knowledge/examples/transfer_owner.txt"
};
static const unsigned char file_examples_unsubscribe_reminders_txt[] = {
#embed "../../Config/knowledge/examples/unsubscribe_reminders.txt"
};
static const unsigned char file_flows_account_yaml[] = {
#embed "../../Config/knowledge/flows/account.yaml"
};
static const unsigned char file_flows_bill_peers_yaml[] = {
#embed "../../Config/knowledge/flows/bill_peers.yaml"
};
static const unsigned char file_flows_bill_previous_yaml[] = {
#embed "../../Config/knowledge/flows/bill_previous.yaml"
};
static const unsigned char file_flows_bill_wrong_yaml[] = {
#embed "../../Config/knowledge/flows/bill_wrong.yaml"
};
static const unsigned char file_flows_bind_yaml[] = {
#embed "../../Config/knowledge/flows/bind.yaml"
};
static const unsigned char file_flows_change_yaml[] = {
#embed "../../Config/knowledge/flows/change.yaml"
};
static const unsigned char file_flows_cold_refund_yaml[] = {
#embed "../../Config/knowledge/flows/cold_refund.yaml"
};
static const unsigned char file_flows_compensation_yaml[] = {
#embed "../../Config/knowledge/flows/compensation.yaml"
};
static const unsigned char file_flows_complaint_yaml[] = {
#embed "../../Config/knowledge/flows/complaint.yaml"
};
static const unsigned char file_flows_deadline_yaml[] = {
#embed "../../Config/knowledge/flows/deadline.yaml"
};
static const unsigned char file_flows_elderly_yaml[] = {
#embed "../../Config/knowledge/flows/elderly.yaml"
};
static const unsigned char file_flows_feedback_yaml[] = {
#embed "../../Config/knowledge/flows/feedback.yaml"
};
static const unsigned char file_flows_follow_up_yaml[] = {
#embed "../../Config/knowledge/flows/follow_up.yaml"
};
static const unsigned char file_flows_greeting_yaml[] = {
#embed "../../Config/knowledge/flows/greeting.yaml"
};
static const unsigned char file_flows_invoice_yaml[] = {
#embed "../../Config/knowledge/flows/invoice.yaml"
};
static const unsigned char file_flows_leak_yaml[] = {
#embed "../../Config/knowledge/flows/leak.yaml"
};
static const unsigned char file_flows_not_warm_yaml[] = {
#embed "../../Config/knowledge/flows/not_warm.yaml"
};
static const unsigned char file_flows_number_yaml[] = {
#embed "../../Config/knowledge/flows/number.yaml"
};
static const unsigned char file_flows_office_yaml[] = {
#embed "../../Config/knowledge/flows/office.yaml"
};
static const unsigned char file_flows_opt_out_yaml[] = {
#embed "../../Config/knowledge/flows/opt_out.yaml"
};
static const unsigned char file_flows_order_progress_yaml[] = {
#embed "../../Config/knowledge/flows/order_progress.yaml"
};
static const unsigned char file_flows_outage_notice_yaml[] = {
#embed "../../Config/knowledge/flows/outage_notice.yaml"
};
static const unsigned char file_flows_pay_yaml[] = {
#embed "../../Config/knowledge/flows/pay.yaml"
};
static const unsigned char file_flows_payment_history_yaml[] = {
#embed "../../Config/knowledge/flows/payment_history.yaml"
};
static const unsigned char file_flows_receipts_yaml[] = {
#embed "../../Config/knowledge/flows/receipts.yaml"
};
static const unsigned char file_flows_report_yaml[] = {
#embed "../../Config/knowledge/flows/report.yaml"
};
static const unsigned char file_flows_resume_yaml[] = {
#embed "../../Config/knowledge/flows/resume.yaml"
};
static const unsigned char file_flows_shared_area_yaml[] = {
#embed "../../Config/knowledge/flows/shared_area.yaml"
};
static const unsigned char file_flows_suspend_yaml[] = {
#embed "../../Config/knowledge/flows/suspend.yaml"
};
static const unsigned char file_flows_temperature_yaml[] = {
#embed "../../Config/knowledge/flows/temperature.yaml"
};

static const struct hearth_knowledge_file files[] = {
    {"company.yaml", file_company_yaml, sizeof file_company_yaml},
    {"dialect.tsv", file_dialect_tsv, sizeof file_dialect_tsv},
    {"homophones.tsv", file_homophones_tsv, sizeof file_homophones_tsv},
    {"intents.yaml", file_intents_yaml, sizeof file_intents_yaml},
    {"offices.yaml", file_offices_yaml, sizeof file_offices_yaml},
    {"rules.yaml", file_rules_yaml, sizeof file_rules_yaml},
    {"slots.tsv", file_slots_tsv, sizeof file_slots_tsv},
    {"topics.tsv", file_topics_tsv, sizeof file_topics_tsv},
    {"traditional.tsv", file_traditional_tsv, sizeof file_traditional_tsv},
    {"words.tsv", file_words_tsv, sizeof file_words_tsv},
    {"entries/account.yaml", file_entries_account_yaml, sizeof file_entries_account_yaml},
    {"entries/claims.yaml", file_entries_claims_yaml, sizeof file_entries_claims_yaml},
    {"entries/cold.yaml", file_entries_cold_yaml, sizeof file_entries_cold_yaml},
    {"entries/pay.yaml", file_entries_pay_yaml, sizeof file_entries_pay_yaml},
    {"entries/suspend.yaml", file_entries_suspend_yaml, sizeof file_entries_suspend_yaml},
    {"entries/talk.yaml", file_entries_talk_yaml, sizeof file_entries_talk_yaml},
    {"examples/account_number_lookup.txt", file_examples_account_number_lookup_txt, sizeof file_examples_account_number_lookup_txt},
    {"examples/amount_due.txt", file_examples_amount_due_txt, sizeof file_examples_amount_due_txt},
    {"examples/bill_higher_than_last_year.txt", file_examples_bill_higher_than_last_year_txt, sizeof file_examples_bill_higher_than_last_year_txt},
    {"examples/bill_higher_than_others.txt", file_examples_bill_higher_than_others_txt, sizeof file_examples_bill_higher_than_others_txt},
    {"examples/bill_wrong_claim.txt", file_examples_bill_wrong_claim_txt, sizeof file_examples_bill_wrong_claim_txt},
    {"examples/bind_account.txt", file_examples_bind_account_txt, sizeof file_examples_bind_account_txt},
    {"examples/cancel_or_change_appointment.txt", file_examples_cancel_or_change_appointment_txt, sizeof file_examples_cancel_or_change_appointment_txt},
    {"examples/close_account.txt", file_examples_close_account_txt, sizeof file_examples_close_account_txt},
    {"examples/cold_refund.txt", file_examples_cold_refund_txt, sizeof file_examples_cold_refund_txt},
    {"examples/compensation_claim.txt", file_examples_compensation_claim_txt, sizeof file_examples_compensation_claim_txt},
    {"examples/complaint.txt", file_examples_complaint_txt, sizeof file_examples_complaint_txt},
    {"examples/deadline_late_fee.txt", file_examples_deadline_late_fee_txt, sizeof file_examples_deadline_late_fee_txt},
    {"examples/elderly_help.txt", file_examples_elderly_help_txt, sizeof file_examples_elderly_help_txt},
    {"examples/feedback_on_answer.txt", file_examples_feedback_on_answer_txt, sizeof file_examples_feedback_on_answer_txt},
    {"examples/follow_up_fixed.txt", file_examples_follow_up_fixed_txt, sizeof file_examples_follow_up_fixed_txt},
    {"examples/follow_up_not_fixed.txt", file_examples_follow_up_not_fixed_txt, sizeof file_examples_follow_up_not_fixed_txt},
    {"examples/greeting_thanks.txt", file_examples_greeting_thanks_txt, sizeof file_examples_greeting_thanks_txt},
    {"examples/human.txt", file_examples_human_txt, sizeof file_examples_human_txt},
    {"examples/invoice.txt", file_examples_invoice_txt, sizeof file_examples_invoice_txt},
    {"examples/leak_emergency.txt", file_examples_leak_emergency_txt, sizeof file_examples_leak_emergency_txt},
    {"examples/new_connection.txt", file_examples_new_connection_txt, sizeof file_examples_new_connection_txt},
    {"examples/none.txt", file_examples_none_txt, sizeof file_examples_none_txt},
    {"examples/not_warm.txt", file_examples_not_warm_txt, sizeof file_examples_not_warm_txt},
    {"examples/office_info.txt", file_examples_office_info_txt, sizeof file_examples_office_info_txt},
    {"examples/order_progress.txt", file_examples_order_progress_txt, sizeof file_examples_order_progress_txt},
    {"examples/outage_notice.txt", file_examples_outage_notice_txt, sizeof file_examples_outage_notice_txt},
    {"examples/pay_failed_no_receipt.txt", file_examples_pay_failed_no_receipt_txt, sizeof file_examples_pay_failed_no_receipt_txt},
    {"examples/pay_how.txt", file_examples_pay_how_txt, sizeof file_examples_pay_how_txt},
    {"examples/payment_history.txt", file_examples_payment_history_txt, sizeof file_examples_payment_history_txt},
    {"examples/price_standard.txt", file_examples_price_standard_txt, sizeof file_examples_price_standard_txt},
    {"examples/report_fault.txt", file_examples_report_fault_txt, sizeof file_examples_report_fault_txt},
    {"examples/resume_supply.txt", file_examples_resume_supply_txt, sizeof file_examples_resume_supply_txt},
    {"examples/room_temperature_query.txt", file_examples_room_temperature_query_txt, sizeof file_examples_room_temperature_query_txt},
    {"examples/season_dates.txt", file_examples_season_dates_txt, sizeof file_examples_season_dates_txt},
    {"examples/shared_area.txt", file_examples_shared_area_txt, sizeof file_examples_shared_area_txt},
    {"examples/suspend_cost.txt", file_examples_suspend_cost_txt, sizeof file_examples_suspend_cost_txt},
    {"examples/suspend_how.txt", file_examples_suspend_how_txt, sizeof file_examples_suspend_how_txt},
    {"examples/suspend_vs_close.txt", file_examples_suspend_vs_close_txt, sizeof file_examples_suspend_vs_close_txt},
    {"examples/to_human.txt", file_examples_to_human_txt, sizeof file_examples_to_human_txt},
    {"examples/transfer_owner.txt", file_examples_transfer_owner_txt, sizeof file_examples_transfer_owner_txt},
    {"examples/unsubscribe_reminders.txt", file_examples_unsubscribe_reminders_txt, sizeof file_examples_unsubscribe_reminders_txt},
    {"flows/account.yaml", file_flows_account_yaml, sizeof file_flows_account_yaml},
    {"flows/bill_peers.yaml", file_flows_bill_peers_yaml, sizeof file_flows_bill_peers_yaml},
    {"flows/bill_previous.yaml", file_flows_bill_previous_yaml, sizeof file_flows_bill_previous_yaml},
    {"flows/bill_wrong.yaml", file_flows_bill_wrong_yaml, sizeof file_flows_bill_wrong_yaml},
    {"flows/bind.yaml", file_flows_bind_yaml, sizeof file_flows_bind_yaml},
    {"flows/change.yaml", file_flows_change_yaml, sizeof file_flows_change_yaml},
    {"flows/cold_refund.yaml", file_flows_cold_refund_yaml, sizeof file_flows_cold_refund_yaml},
    {"flows/compensation.yaml", file_flows_compensation_yaml, sizeof file_flows_compensation_yaml},
    {"flows/complaint.yaml", file_flows_complaint_yaml, sizeof file_flows_complaint_yaml},
    {"flows/deadline.yaml", file_flows_deadline_yaml, sizeof file_flows_deadline_yaml},
    {"flows/elderly.yaml", file_flows_elderly_yaml, sizeof file_flows_elderly_yaml},
    {"flows/feedback.yaml", file_flows_feedback_yaml, sizeof file_flows_feedback_yaml},
    {"flows/follow_up.yaml", file_flows_follow_up_yaml, sizeof file_flows_follow_up_yaml},
    {"flows/greeting.yaml", file_flows_greeting_yaml, sizeof file_flows_greeting_yaml},
    {"flows/invoice.yaml", file_flows_invoice_yaml, sizeof file_flows_invoice_yaml},
    {"flows/leak.yaml", file_flows_leak_yaml, sizeof file_flows_leak_yaml},
    {"flows/not_warm.yaml", file_flows_not_warm_yaml, sizeof file_flows_not_warm_yaml},
    {"flows/number.yaml", file_flows_number_yaml, sizeof file_flows_number_yaml},
    {"flows/office.yaml", file_flows_office_yaml, sizeof file_flows_office_yaml},
    {"flows/opt_out.yaml", file_flows_opt_out_yaml, sizeof file_flows_opt_out_yaml},
    {"flows/order_progress.yaml", file_flows_order_progress_yaml, sizeof file_flows_order_progress_yaml},
    {"flows/outage_notice.yaml", file_flows_outage_notice_yaml, sizeof file_flows_outage_notice_yaml},
    {"flows/pay.yaml", file_flows_pay_yaml, sizeof file_flows_pay_yaml},
    {"flows/payment_history.yaml", file_flows_payment_history_yaml, sizeof file_flows_payment_history_yaml},
    {"flows/receipts.yaml", file_flows_receipts_yaml, sizeof file_flows_receipts_yaml},
    {"flows/report.yaml", file_flows_report_yaml, sizeof file_flows_report_yaml},
    {"flows/resume.yaml", file_flows_resume_yaml, sizeof file_flows_resume_yaml},
    {"flows/shared_area.yaml", file_flows_shared_area_yaml, sizeof file_flows_shared_area_yaml},
    {"flows/suspend.yaml", file_flows_suspend_yaml, sizeof file_flows_suspend_yaml},
    {"flows/temperature.yaml", file_flows_temperature_yaml, sizeof file_flows_temperature_yaml},
};

unsigned long hearth_knowledge_count(void) { return sizeof files / sizeof files[0]; }

struct hearth_knowledge_file hearth_knowledge_file(unsigned long place) { return files[place]; }
