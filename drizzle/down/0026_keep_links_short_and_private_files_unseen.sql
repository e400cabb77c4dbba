alter policy studio_files_select on storage.objects using (bucket_id = 'studio-files' and app.may_read_object(name));
