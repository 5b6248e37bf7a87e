#include "signatures/filetype.h"

#include "unit.h"

#define VIEW(literal) ((struct view){(const uint8_t *)(literal), sizeof(literal) - 1})

START_TEST(magics_have_their_words)
{
    const struct {
        struct view view;
        const char *word;
    } rows[] = {
        {VIEW("MZ\x90\0"), "EXE"},
        {VIEW("\x7f"
              "ELF\x02\x01"),
         "ELF"},
        {VIEW("\xcf\xfa\xed\xfe"), "MACH-O"},
        {VIEW("\xca\xfe\xba\xbe\0\0\0\x02"), "MACH-O"},
        {VIEW("\xca\xfe\xba\xbe\0\0\0\x34"), "Class"},
        {VIEW("MDMP\x93\xa7"), "MDMP"},
        {VIEW("%PDF-1.7"), "PDF"},
        {VIEW("{\\rtf1"), "RTF"},
        {VIEW("GIF89a"), "GIF"},
        {VIEW("PK\x03\x04"), "ZIP"},
        {VIEW("Rar!\x1a\x07\x01\0"), "RAR"},
        {VIEW("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "OLE"},
        {VIEW("<?PHP echo 1;"), "PHP"},
        {VIEW("<%@ Page Language=\"C#\" %>"), "ASP"},
        {VIEW("<%@ page import=\"java.io.*\" %>"), "JSP"},
        {VIEW("@Echo Off\r\n"), "BATCH"},
        {VIEW("#!/usr/bin/env python3\nimport os\n"), "Python"},
        {VIEW("#!/usr/bin/php"), "PHP"},
        {VIEW("#!/bin/sh\necho python\n"), "UNIX SCRIPT"},
        {VIEW("Dim x\r\n"), "VBS"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_str_eq(filetype_of(rows[i].view), rows[i].word);
}
END_TEST

START_TEST(what_is_unknown_or_cut_short_has_none)
{
    ck_assert_str_eq(filetype_of((struct view){NULL, 0}), "");
    ck_assert_str_eq(filetype_of(VIEW("hello")), "");
    ck_assert_str_eq(filetype_of(VIEW("M")), "");
    ck_assert_str_eq(filetype_of(VIEW("\x7f"
                                      "EL")),
                     "");
    ck_assert_str_eq(filetype_of(VIEW(" MZ")), "");
    ck_assert_str_eq(filetype_of(VIEW("\xca\xfe\xba")), "");
}
END_TEST

START_TEST(tar_is_told_behind_its_first_name)
{
    uint8_t block[512] = "name";
    memcpy(block + 257, "ustar", 5);
    ck_assert_str_eq(filetype_of((struct view){block, 512}), "TAR");
    ck_assert_str_eq(filetype_of((struct view){block, 261}), "");
}
END_TEST

UNIT_MAIN("filetype", magics_have_their_words, what_is_unknown_or_cut_short_has_none,
          tar_is_told_behind_its_first_name)
