drop table file_reads, execution_files, file_shares, file_removals, company_storage, file_versions, files, folders;
