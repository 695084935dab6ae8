"""The functions that a measure's SQL may call: they compute, and neither wait, nor read files, nor reach out.

Names are as written in SQL, and as sqlglot calls the same function across dialects (`timestamp_trunc` for `date_trunc`).
A function that only computes and is missed by somebody belongs here; one that touches anything else never does.
"""

ALLOWED = frozenset(
    """
    and or not xor case if iif ifnull isnull nvl nvl2 coalesce nullif greatest least choose exists in any all some row
    cast try_cast safe_cast convert try_convert to_number try_to_number to_char to_varchar to_decimal typeof paren

    count count_if countif count_star sum sum_if avg mean min max median mode quantile quantile_cont quantile_disc
    approx_quantile approx_distinct approx_count_distinct percentile percentile_cont percentile_disc within_group
    stddev stddev_pop stddev_samp stdev stdevp std variance variance_pop var_pop var_samp var varp variance_samp
    corr covar_pop covar_samp skewness kurtosis kurtosis_pop mad regr_slope regr_intercept regr_r2 regr_count regr_avgx
    regr_avgy product geometric_mean fsum total bool_and bool_or logical_and logical_or every any_value arbitrary first
    last arg_max arg_min argmax argmin max_by min_by string_agg group_concat listagg array_agg bit_and bit_or bit_xor
    bitwise_and_agg bitwise_or_agg bitwise_xor_agg grouping grouping_id filter histogram entropy

    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value ratio_to_report

    date time datetime timestamp timestamptz date_trunc datetrunc timestamp_trunc datetime_trunc time_trunc date_part
    datepart extract year month day week quarter hour minute second millisecond microsecond isoyear isodow dow doy
    dayofweek day_of_week day_of_week_iso dayofmonth day_of_month dayofyear day_of_year weekofyear week_of_year yearweek
    year_of_week year_of_week_iso epoch epoch_ms epoch_us dayname monthname last_day eomonth make_date makedate
    make_time make_timestamp make_timestamptz make_interval date_from_parts datefromparts timestamp_from_parts age
    date_add date_sub date_diff datediff dateadd timestamp_add timestamp_sub timestamp_diff timestampdiff timestampadd
    datetime_add datetime_sub datetime_diff time_add time_sub time_diff ts_or_ds_add ts_or_ds_diff ts_or_ds_to_date
    ts_or_ds_to_timestamp ts_or_ds_to_datetime ts_or_ds_to_time ts_or_ds_to_date_str date_to_date_str date_str_to_date
    add_months months_between month_between datesub julianday unixepoch strftime strptime try_strptime time_to_str
    str_to_time str_to_date str_to_unix time_str_to_date time_str_to_time time_str_to_unix time_to_time_str time_to_unix
    unix_to_time unix_to_time_str unix_to_str unix_seconds unix_millis to_date try_to_date to_timestamp
    try_to_timestamp parse_date parse_timestamp format_date format_timestamp date_format at_time_zone
    from_unixtime to_unixtime timezone current_date current_time current_timestamp current_datetime current_timestamp_ltz
    localtime localtimestamp now getdate today sysdate get_current_time interval to_days to_months to_years to_hours
    to_weeks to_interval justify_days justify_hours justify_interval isfinite date_bin time_bucket
    generate_series exploding_generate_series
    generate_date_array generate_timestamp_array range unnest explode date_part_year

    abs sign ceil ceiling floor round trunc truncate mod pmod div int_div fdiv divide safe_divide power pow sqrt cbrt
    exp ln log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cot degrees radians pi
    e gamma lgamma factorial gcd lcm even width_bucket isnan is_nan isinf is_inf bit_count bitwise_count zeroifnull nullifzero

    length len char_length character_length octet_length bit_length strlen lower upper initcap trim ltrim rtrim btrim
    lpad rpad pad left right substring substr mid replace translate reverse concat concat_ws safe_concat split
    split_part string_split str_split instr position strpos locate charindex str_position starts_with startswith
    ends_with endswith contains prefix suffix like ilike glob similar_to regexp_matches regexp_like regexp_i_like
    regexp_replace regexp_extract regexp_extract_all regexp_substr regexp_count regexp_instr regexp_full_match ascii chr
    char unicode md5 md5_digest hash overlay format printf format_number_text quote_literal_text soundex levenshtein
    damerau_levenshtein jaccard jaro_similarity jaro_winkler_similarity strip_accents nfc_normalize normalize

    array list list_value list_contains list_has array_contains array_length array_size cardinality list_sum list_avg
    list_max list_min list_extract element_at array_to_string struct_extract json_extract json_extract_scalar
    json_extract_string json_value jsonb_extract jsonb_extract_scalar json_array_length map_extract
    """.split()  # noqa: SIM905  a literal set of 400 strings would be four times as long and no clearer
)

TABLE_FUNCTIONS = frozenset({"generate_series", "exploding_generate_series", "range", "unnest", "explode"})
"""The functions that may stand in FROM."""

SYSTEM_SCHEMAS = frozenset(
    "pg_catalog pg_toast pg_temp information_schema sys system system_runtime mysql performance_schema account_usage".split()  # noqa: SIM905
)
SYSTEM_PREFIXES = ("pg_", "sqlite_", "duckdb_", "pragma_", "svv_", "svl_", "stl_", "stv_")
"""Relations with these beginnings are the database's own, even without a schema."""
